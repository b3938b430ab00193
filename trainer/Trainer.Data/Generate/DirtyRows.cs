using Engine.Datasets.Behaviors;

namespace Trainer.Data.Generate;

/// <summary>
/// Rows with every fault that validation knows, <see cref="Each"/> of each, as CSV files beside the good ones: whatever
/// the format of those, a broken quote or a count of letters can be written.
/// </summary>
/// <param name="user">A user id that exists.</param>
/// <param name="product">A product id that exists.</param>
internal sealed class DirtyRows(string user, string product)
{
    /// <summary>How many rows of each fault: more than the ten that a report keeps.</summary>
    public const int Each = 12;

    private const string Time = "2025-03-01T12:00:00";

    /// <summary>For each fault of the behavior table one row; the two last columns are channel and order.</summary>
    public IReadOnlyDictionary<RejectReason, string> Behaviors { get; } = new Dictionary<RejectReason, string>
    {
        [RejectReason.WrongCellCount] = $"{user},{product},view,{Time}",
        [RejectReason.UnknownType] = $"{user},{product},teleport,{Time},,,,",
        [RejectReason.MissingTime] = $"{user},{product},view,,,,,",
        [RejectReason.BadTime] = $"{user},{product},view,2025-02-30T12:00:00,,,,",
        [RejectReason.TimeOutOfRange] = $"{user},{product},view,1969-12-31T23:59:59,,,,",
        [RejectReason.MissingUser] = $",{product},view,{Time},,,,",
        [RejectReason.MissingProduct] = $"{user},,view,{Time},,,,",
        [RejectReason.BadEncoding] = $"C\uFFFD,{product},view,{Time},,,,",
        [RejectReason.UnknownProduct] = $"{user},no such product,view,{Time},,,,",
        [RejectReason.BadCount] = $"{user},{product},purchase,{Time},two,9.95,web,",
        [RejectReason.CountNotPositive] = $"{user},{product},purchase,{Time},0,0,web,",
        [RejectReason.BrokenQuotes] = $"\"{user},{product},view,{Time},,,,",
    };

    /// <summary>A row that is accepted with its count cut.</summary>
    public string CutCount { get; } = $"{user},{product},view,{Time},20000,,,";

    /// <summary>A refund of a purchase that never was; accepted, but unmatched.</summary>
    public string UnmatchedRefund { get; } = $"nobody,{product},refund,{Time},1,9.95,web,nobody-1";

    /// <summary>For each fault of the product table one row.</summary>
    public IReadOnlyDictionary<RejectReason, string> Products { get; } = new Dictionary<RejectReason, string>
    {
        [RejectReason.WrongCellCount] = "DIRTY-0,Half a row",
        [RejectReason.MissingProduct] = ",Nameless Thing,Coffee,Harbour,ivory,S,9.95,2024-01-01,0",
        [RejectReason.BadEncoding] = "DIRTY-\uFFFD,Odd Bytes,Coffee,Harbour,ivory,S,9.95,2024-01-01,0",
        [RejectReason.DuplicateProduct] = $"{product},The Same Again,Coffee,Harbour,ivory,S,9.95,2024-01-01,0",
        [RejectReason.BrokenQuotes] = "\"DIRTY-1,Open End,Coffee,Harbour,ivory,S,9.95,2024-01-01,0",
    };

    /// <summary>Writes both files. Products without a name or with unreadable tags are accepted with a note.</summary>
    public void Write(string behaviorPath, string productPath)
    {
        var behaviorRows =
            Behaviors.Values.Append(CutCount).Append(UnmatchedRefund).SelectMany(row => Enumerable.Repeat(row, Each));
        var productRows = Enumerable.Range(0, Each)
            .SelectMany(i => (string[])
            [
                $"NONAME-{i},,Coffee,Harbour,ivory,S,9.95,2024-01-01,0",
                $"BADTAG-{i},Odd Tags,Coffee,Harbour,ivory,S,cheap,2024-01-01,0",
            ])
            .Concat(Products.Values.SelectMany(row => Enumerable.Repeat(row, Each)));
        Write(behaviorPath, GeneratedTables.Behavior.Select(c => c.Name), behaviorRows);
        Write(productPath, GeneratedTables.Product.Select(c => c.Name), productRows);
    }

    private static void Write(string path, IEnumerable<string> header, IEnumerable<string> rows) =>
        File.WriteAllText(path, string.Concat(rows.Prepend(string.Join(',', header)).Select(row => row + "\n")));
}
