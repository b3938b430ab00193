using System.Text;
using Engine.Scoring.Batch;
using Engine.Scoring.Events;
using Engine.Tables;
using Engine.Tables.Rows;

namespace Engine.Server.Results;

/// <summary>
/// The skipped ids of a result with reasons: RESULT.skipped.csv (kind, id, reason), absent when there are none.
/// </summary>
internal static class BatchSkipped
{
    /// <summary>The path of the list of a result.</summary>
    public static string PathOf(string result) => result + ".skipped.csv";

    /// <summary>Opens a list.</summary>
    /// <exception cref="InputException">It cannot be read.</exception>
    public static TableReader Open(string path)
    {
        try
        {
            return TableFile.Open(path);
        }
        catch (TableException e)
        {
            throw new InputException(e.Message, e);
        }
    }

    /// <summary>Takes users out of the list of a result.</summary>
    public static void Erase(string result, UserTest isGone)
    {
        var path = PathOf(result);
        if (!File.Exists(path))
        {
            return;
        }

        var rows = new List<(string Kind, string Id, string Reason)>();
        using (var table = Open(path))
        {
            while (table.Read())
            {
                rows.Add((table.Text(0).ToString(), table.Text(1).ToString(), table.Text(2).ToString()));
            }
        }

        if (rows.RemoveAll(row => row.Kind == "user" && isGone(Encoding.UTF8.GetBytes(row.Id))) > 0)
        {
            Write(path, rows);
        }
    }

    /// <summary>Writes or removes the list.</summary>
    public static void Write(BatchPlan plan, string result)
    {
        var path = PathOf(result);
        var ids = plan.Model.Snapshot.ProductIds;
        var products = plan.Pool?.Definition.ProductIds.Distinct(StringComparer.Ordinal).Where(id => ids.Find(id) < 0)
            ?? [];
        if (plan.Audience.OutOfScope.Count == 0 && plan.Pool is null or { OutOfScopeCount: 0 })
        {
            File.Delete(path);
            return;
        }

        const string Reason = "not in the snapshot: never seen or without a purchase in the scope year";
        Write(
            path,
            plan.Audience.OutOfScope
                .Select(id => ("user", id, Reason))
                .Concat(products.Select(id => ("product", id, Reason))));
    }

    private static void Write(string path, IEnumerable<(string Kind, string Id, string Reason)> rows)
    {
        using var table = TableFile.Create(
            path, [new("kind", ColumnType.Text), new("id", ColumnType.Text), new("reason", ColumnType.Text)]);
        foreach (var (kind, id, reason) in rows)
        {
            table.Write(kind);
            table.Write(id);
            table.Write(reason);
            table.EndRow();
        }

        table.Complete();
    }
}
