using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;
using Trainer.Data.Rows;
using Trainer.Data.Scoping;

namespace Trainer.Pipeline.Publishing;

/// <summary>
/// The tags of the products of a snapshot, texts coded in ordinal order so that the file does not depend on row order.
/// </summary>
internal static class TagTable
{
    private const long MicrosecondsPerDay = 86_400_000_000;

    /// <summary>Selects the tags of the products that <paramref name="order"/> names, in that order.</summary>
    public static (TagSchema[] Columns, TagContent[] Values) Select(ScopedDataset scoped, int[] order)
    {
        var rows = Array.ConvertAll(order, product => scoped.ProductSource[product]);
        var tags = scoped.Dataset.Products.Tags;
        return ([.. tags.Select(Column)], Of(tags, rows));
    }

    /// <summary>The tags of some products of the catalog, in their order.</summary>
    public static TagContent[] Of(IReadOnlyList<TagColumn> tags, int[] products) =>
        [.. tags.Select(tag => Values(tag, products))];

    private static TagSchema Column(TagColumn tag) => new()
    {
        Column = tag.Column,
        Alias = tag.Alias,
        Statistical = tag.Statistical,
        Type = tag switch
        {
            TextTag => TagValueType.Text,
            MultiTag => TagValueType.MultiText,
            NumberTag => TagValueType.Number,
            _ => TagValueType.Date,
        },
    };

    private static TagContent Values(TagColumn tag, int[] rows)
    {
        switch (tag)
        {
            case TextTag text:
                var codes = Array.ConvertAll(rows, row => text.Codes[row]);
                var (words, map) = Words(text.Values, codes.Where(code => code >= 0));
                return new TagContent
                {
                    Codes = Array.ConvertAll(codes, code => code < 0 ? -1 : map[code]),
                    Words = words,
                };
            case MultiTag multi:
                return Multi(multi, rows);
            case NumberTag number:
                return new TagContent { Numbers = Array.ConvertAll(rows, row => number.Values[row]) };
            case DateTag date:
                return new TagContent
                {
                    Times = Array.ConvertAll(
                        rows,
                        row => date.Days[row] == DateTag.Empty ? long.MinValue : date.Days[row] * MicrosecondsPerDay),
                };
            default:
                throw new NotSupportedException($"tag '{tag.Alias}' is of the unknown kind {tag.GetType().Name}");
        }
    }

    private static TagContent Multi(MultiTag tag, int[] rows)
    {
        var offsets = new long[rows.Length + 1];
        var codes = new List<int>();
        for (var i = 0; i < rows.Length; i++)
        {
            codes.AddRange(tag.Codes.AsSpan(tag.Offsets[rows[i]]..tag.Offsets[rows[i] + 1]));
            offsets[i + 1] = codes.Count;
        }

        var (words, map) = Words(tag.Values, codes);
        return new TagContent { Offsets = offsets, Codes = [.. codes.Select(code => map[code])], Words = words };
    }

    // The words in use, in ordinal order, and their new codes.
    private static (string[] Words, Dictionary<int, int> Map) Words(string[] values, IEnumerable<int> codes)
    {
        var used = codes.Distinct().OrderBy(code => values[code], Utf8Order.Instance).ToArray();
        return (
            Array.ConvertAll(used, code => values[code]),
            used.Select((code, i) => (code, i)).ToDictionary(p => p.code, p => p.i));
    }
}
