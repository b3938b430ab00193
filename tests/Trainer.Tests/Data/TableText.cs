using System.Text;
using Tests.Shared;
using Engine.Datasets.Mapping;
using Engine.Snapshots.Forgetting;
using Trainer.Data.Progress;
using Trainer.Data.Reading;
using Trainer.Data.Rows;
using Trainer.Data.Scoping;

namespace Trainer.Tests.Data;

/// <summary>Makes a small dataset from rows written in a test: ten products P0 .. P9 and the columns below.</summary>
internal sealed class TableText : IDisposable
{
    public const string Header = "user,product,type,time,count,order\n";

    private readonly TemporaryFolder _folder = new();

    /// <summary>The mapping; a test may change it before reading.</summary>
    public DatasetDefinition Definition { get; set; } = new()
    {
        Behavior = new BehaviorTable
        {
            Files = [],
            UserId = "user",
            ProductId = "product",
            Type = "type",
            Time = "time",
            Count = "count",
            OrderId = "order",
            Types = new Dictionary<string, BehaviorKind>
            {
                ["pv"] = BehaviorKind.View,
                ["fav"] = BehaviorKind.Favorite,
                ["cart"] = BehaviorKind.Cart,
                ["buy"] = BehaviorKind.Purchase,
                ["back"] = BehaviorKind.Refund,
                ["share"] = BehaviorKind.Ignored,
            },
        },
        Product = new ProductTable { Files = [], ProductId = "id", ProductName = "name" },
    };

    /// <summary>The product table; a test may replace it before reading.</summary>
    public string Products { get; set; } =
        "id,name\n" + string.Concat(Enumerable.Range(0, 10).Select(i => $"P{i},Product {i}\n"));

    /// <summary>The share of rows that may be rejected; all, because tests are made of few rows.</summary>
    public double AllowedRejected { get; set; } = 1;

    /// <summary>People whose rows are passed over.</summary>
    public ForgottenUsers Forgotten { get; set; } = ForgottenUsers.None;

    /// <summary>Reads behaviors written as lines without a header.</summary>
    public Dataset Read(params IEnumerable<string> rows) =>
        ReadText(Header + string.Concat(rows.Select(row => row + "\n")));

    /// <summary>Reads a behavior table written in full.</summary>
    public Dataset ReadText(string behaviors)
    {
        File.WriteAllBytes(_folder.File("b.csv"), Encoding.Latin1.GetBytes(behaviors));
        var definition = Definition with
        {
            Behavior = Definition.Behavior with { Files = [_folder.File("b.csv")] },
            Product = Definition.Product with { Files = [_folder.Write("p.csv", Products)] },
        };
        return DatasetReader.Read(
            definition, NoProgress.Instance, CancellationToken.None, AllowedRejected, Forgotten);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>The kept behaviors as text, in a fixed order: <c>u P1 Purchase x2 2024-01-31</c>.</summary>
    public static string[] Kept(Dataset dataset) =>
    [
        .. Enumerable.Range(0, (int)dataset.Behaviors.Count).Select(i => dataset.Behaviors[i])
            .Select(
                b => $"{dataset.UserIds[b.User]} {dataset.Products.Ids[b.Product]} {b.Type} x{b.Count} "
                    + $"{BehaviorLog.Date(b.Day):yyyy-MM-dd}")
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The events of a scope as text, in their order.</summary>
    public static string[] Events(ScopedDataset scoped) =>
    [
        .. Enumerable.Range(0, scoped.UserCount).SelectMany(u =>
            Enumerable.Range((int)scoped.Offsets[u], (int)(scoped.Offsets[u + 1] - scoped.Offsets[u])).Select(e =>
                $"{scoped.UserIds[u]} {scoped.ProductIds[scoped.Products[e]]} {scoped.Types[e]} "
                + $"x{scoped.Counts[e]} +{scoped.Days[e]}")),
    ];
}
