using System.Text;
using Engine.Tables.Rows;
using Engine.Tables.Sql;

namespace Engine.Tests.Tables;

public sealed class ReplaceBatchTests
{
    private static readonly TableColumn[] Columns = [new("id", ColumnType.Text), new("n", ColumnType.WholeNumber)];

    [Fact]
    public void A_statement_has_all_its_rows()
    {
        var batch = new ReplaceBatch("t", Columns, 1 << 20);
        Assert.Null(Add(batch, "a'", 1));
        Assert.Null(Add(batch, "客", -2));
        batch.AppendNull(0);
        batch.Append(1, 1e-7);
        Assert.Null(batch.EndRow(3));
        Assert.Equal(@"REPLACE INTO `t` (`id`, `n`) VALUES ('a\'',1),('客',-2),(NULL,1E-07)", batch.Take());
        Assert.Null(batch.Take());
    }

    /// <summary>No row is lost or doubled at the borders, and no statement is above the limit.</summary>
    [Theory]
    [InlineData(200)]
    [InlineData(4000)]
    [InlineData(16 << 20)]
    public void Statements_stay_below_the_limit(int limit)
    {
        var batch = new ReplaceBatch("t", Columns, limit);
        var statements = new List<string>();
        const int Rows = 60_000;
        for (var i = 0; i < Rows; i++)
        {
            if (Add(batch, "客😀'" + i, i) is { } full)
            {
                statements.Add(full);
            }
        }

        statements.Add(batch.Take()!);
        Assert.All(statements, sql => Assert.True(Encoding.UTF8.GetByteCount(sql) <= limit));
        var numbers = statements
            .SelectMany(sql => sql[sql.IndexOf("('", StringComparison.Ordinal)..].Split("),("))
            .Select(tuple => int.Parse(tuple.Split(',')[^1].TrimEnd(')')));
        Assert.Equal(Enumerable.Range(0, Rows), numbers);
        if (limit == 16 << 20)
        {
            Assert.All(statements.SkipLast(1), sql => Assert.True(sql.Split("),(").Length > ReplaceBatch.EnoughRows));
        }
    }

    [Fact]
    public void A_row_above_the_limit_is_refused_with_its_number()
    {
        var batch = new ReplaceBatch("t", Columns, 100);
        var e = Assert.Throws<TableException>(() => Add(batch, new string('x', 200), 1));
        Assert.StartsWith("row 1 has about", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_leftovers_of_long_ago_are_leftovers()
    {
        var now = new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);
        var (staging, retired) = StagingNames.Make("results", now);
        var run = StagingNames.RunOf(staging, "results")!.Value;
        Assert.Equal(staging, run.Staging);
        Assert.InRange(now - run.Began, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Assert.False(StagingNames.IsOld(run.Began, now.AddDays(1)));
        Assert.True(StagingNames.IsOld(run.Began, now.AddDays(3)));
        Assert.Equal(run, StagingNames.RunOf(retired, "results"));
        Assert.Null(StagingNames.RunOf(staging, "result"));
        Assert.Null(StagingNames.RunOf("results__new_table", "results"));
        Assert.NotEqual(staging, StagingNames.Make("results", now).Staging);
    }

    private static string? Add(ReplaceBatch batch, string id, long n)
    {
        batch.Append(0, id);
        batch.Append(1, n);
        return batch.EndRow(n);
    }
}
