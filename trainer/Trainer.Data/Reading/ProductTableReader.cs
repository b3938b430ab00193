using Engine.Datasets.Behaviors;
using Engine;
using Engine.Tables;
using Engine.Tables.Rows;
using Engine.Datasets.Mapping;
using Trainer.Data.Progress;
using Trainer.Data.Rows;

namespace Trainer.Data.Reading;

/// <summary>Reads the product table.</summary>
internal static class ProductTableReader
{
    /// <summary>The fewest products that training takes (rule 4).</summary>
    public const int MinProducts = 10;

    private const char ReplacementCharacter = '\uFFFD';

    /// <summary>
    /// Reads the catalog and the numbers of its ids. Errors: <see cref="InputException"/> for too few products.
    /// </summary>
    public static (ProductCatalog Catalog, IdTable Ids, TableReport Report, UnreadableTag[] Unreadable) Read(
        DatasetDefinition definition, IProgressReporter progress, CancellationToken cancel, double allowedRejected = 1)
    {
        var table = definition.Product;
        var columns = new[] { table.ProductId, table.ProductName }.Concat(table.Tags.Select(tag => tag.Column));
        using var rows = TableFile.Open(table.Files, [.. columns], table.Csv());
        var tags = table.Tags.Select(TagBuilder.For).ToArray();
        var ids = new IdTable();
        var names = new List<string>();
        var rejections = new RejectionLog();
        var notes = new RejectionLog();
        var encoding = new EncodingCheck(table.Encoding);
        var unreadable = table.Tags.Select(tag => new UnreadableTag(tag.Column, tag.Type)).ToArray();
        long read = 0;
        long repeated = 0;
        while (rows.Read())
        {
            if ((read++ & 0xFFF) == 0)
            {
                cancel.ThrowIfCancellationRequested();
                progress.Report("read products", rows.Bytes.Done, rows.Bytes.Total + 1);
            }

            if (Check(rows, ids) is not { } fault)
            {
                Add(rows, ids, names, tags, table.DecimalComma ?? false, notes, unreadable);
                encoding.Add(rows.Text(1));
            }
            else if (fault == RejectReason.DuplicateProduct && definition.Item == ItemMode.Category)
            {
                repeated++;
            }
            else
            {
                rejections.Add(fault, rows, rows.Fault == RowFault.None ? 0 : -1);
            }
        }

        for (var i = 0; i < tags.Length; i++)
        {
            unreadable[i].Uncut = tags[i].Uncut;
        }

        progress.Report("read products", 1, 1);
        encoding.Refuse(table.Files[0]);
        var report = new TableReport(read, ids.Count + repeated, rejections.ToList(), notes.ToList());
        RejectionLimit.CheckProducts(report, allowedRejected);
        if (ids.Count < MinProducts)
        {
            throw new InputException(
                $"the product table has {ids.Count} usable products of {read} rows, at least {MinProducts} are needed. "
                +
                    $"Rejected: {Summary(rejections)}.");
        }

        var catalog = new ProductCatalog(ids.ToArray(), [.. names], tags.Select(tag => tag.Build()).ToArray());
        return (catalog, ids, report, unreadable);
    }

    /// <summary>The reasons and their counts in one line.</summary>
    public static string Summary(RejectionLog log) =>
        log.Total == 0 ? "none" : string.Join(", ", log.ToList().Select(r => $"{r.Reason} {r.Count}"));

    private static RejectReason? Check(TableReader rows, IdTable ids)
    {
        if (rows.Fault != RowFault.None)
        {
            return rows.Fault == RowFault.BrokenQuotes ? RejectReason.BrokenQuotes : RejectReason.WrongCellCount;
        }

        var id = rows.Text(0);
        return id.IsEmpty ? RejectReason.MissingProduct
            : id.Contains(ReplacementCharacter) ? RejectReason.BadEncoding
            : ids.Find(id) >= 0 ? RejectReason.DuplicateProduct
            : null;
    }

    private static void Add(
        TableReader rows,
        IdTable ids,
        List<string> names,
        TagBuilder[] tags,
        bool decimalComma,
        RejectionLog notes,
        UnreadableTag[] unreadable)
    {
        ids.Add(rows.Text(0));
        var name = Decoded(rows, 1, notes);
        names.Add(name.IsEmpty ? rows.Text(0).ToString() : name.ToString());
        if (name.IsEmpty)
        {
            notes.Add(RejectReason.MissingName, rows);
        }

        for (var i = 0; i < tags.Length; i++)
        {
            unreadable[i].Filled += rows.Text(i + 2).IsEmpty ? 0 : 1;
            if (!tags[i].Add(Decoded(rows, i + 2, notes), decimalComma && rows.IsText(i + 2)))
            {
                notes.Add(RejectReason.BadTagValue, rows, i + 2);
                unreadable[i].Add(rows, i + 2);
            }
        }
    }

    /// <summary>
    /// A cell, or nothing where it holds bytes that are not text: replacement characters are never shown to anybody.
    /// </summary>
    private static ReadOnlySpan<char> Decoded(TableReader rows, int column, RejectionLog notes)
    {
        var cell = rows.Text(column);
        if (!cell.Contains(ReplacementCharacter))
        {
            return cell;
        }

        notes.Add(RejectReason.BadEncoding, rows, column);
        return default;
    }
}
