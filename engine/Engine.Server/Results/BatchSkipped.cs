using Engine.Scoring.Batch;
using Engine.Tables;
using Engine.Tables.Rows;

namespace Engine.Server.Results;

/// <summary>The skipped ids of a result with reasons: RESULT.skipped.csv (kind, id, reason), absent when there are none.</summary>
internal static class BatchSkipped
{
    /// <summary>The path of the list of a result.</summary>
    public static string PathOf(string result) => result + ".skipped.csv";

    /// <summary>Writes or removes the list.</summary>
    public static void Write(BatchPlan plan, string result)
    {
        var path = PathOf(result);
        var ids = plan.Model.Snapshot.ProductIds;
        var products = plan.Pool?.Definition.ProductIds.Distinct(StringComparer.Ordinal).Where(id => ids.Find(id) < 0) ?? [];
        if (plan.Audience.OutOfScope.Count == 0 && plan.Pool is null or { OutOfScopeCount: 0 })
        {
            File.Delete(path);
            return;
        }

        using var table = TableFile.Create(path, [new("kind", ColumnType.Text), new("id", ColumnType.Text), new("reason", ColumnType.Text)]);
        foreach (var (kind, id) in plan.Audience.OutOfScope.Select(id => ("user", id)).Concat(products.Select(id => ("product", id))))
        {
            table.Write(kind);
            table.Write(id);
            table.Write("not in the snapshot: never seen or without a purchase in the scope year");
            table.EndRow();
        }

        table.Complete();
    }
}
