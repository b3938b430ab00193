using Engine.Snapshots;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Mapping;

namespace Engine.Scoring.Pools;

/// <summary>
/// The tags that rules can name: those of the product table by column or alias, and the two that every product has.
/// </summary>
internal static class TagColumns
{
    /// <summary>The product's id, a text; its lists may be as long as the catalog.</summary>
    public const string ProductId = "product_id";

    /// <summary>The product's name, a text.</summary>
    public const string ProductName = "product_name";

    /// <summary>The tag that a condition names; null stands for id and name.</summary>
    /// <exception cref="RuleException">There is no such tag; the message lists those that there are.</exception>
    public static MappedTag? Find(Snapshot snapshot, string rule, RuleCondition condition)
    {
        if (condition.Tag is ProductId or ProductName)
        {
            return null; // also where a column of the product table has that name
        }

        if (TryFind(snapshot, condition.Tag) is { } tag)
        {
            return tag;
        }

        var known = snapshot.Tags
            .Select(tag => $"{Quote(tag.Column.Alias)} ({NameOf(tag.Column.Type)})")
            .Concat([ProductId, ProductName]);
        throw RuleException.At(
            rule, condition.TagStart, condition.TagLength, $"a tag, one of {string.Join(", ", known)}");
    }

    /// <summary>The tag of a name; null when there is none. An alias goes before a column of the same name.</summary>
    public static MappedTag? TryFind(Snapshot snapshot, string name)
    {
        foreach (var tag in snapshot.Tags)
        {
            if (tag.Column.Alias == name)
            {
                return tag;
            }
        }

        foreach (var tag in snapshot.Tags)
        {
            if (tag.Column.Column == name)
            {
                return tag;
            }
        }

        return null;
    }

    /// <summary>A text tag.</summary>
    /// <param name="snapshot">Whose tags.</param>
    /// <param name="field">The field of the request, for the message.</param>
    /// <param name="name">Column or alias.</param>
    /// <exception cref="InputException">There is no such text tag; the message lists those that there are.</exception>
    public static MappedTag Text(Snapshot snapshot, string field, string name)
    {
        if (TryFind(snapshot, name) is { Column.Type: TagValueType.Text or TagValueType.MultiText } tag)
        {
            return tag;
        }

        var known = snapshot.Tags
            .Where(one => one.Column.Type is TagValueType.Text or TagValueType.MultiText)
            .Select(one => one.Column.Alias);
        throw new InputException($"found {field} = '{name}', expected a text tag, one of {string.Join(", ", known)}");
    }

    /// <summary>The codes of a product's values of a text tag; -1 stands for none.</summary>
    public static ReadOnlySpan<int> ValuesOf(this MappedTag tag, int product) =>
        tag.Column.Type == TagValueType.Text
            ? tag.Codes.Slice(product, 1)
            : tag.Codes.Slice(tag.Offsets[product], tag.Offsets[product + 1] - tag.Offsets[product]);

    /// <summary>A tag's name as a rule needs it.</summary>
    public static string Quote(string name) =>
        name.Length > 0 && (char.IsLetter(name[0]) || name[0] == '_')
        && name.All(c => char.IsLetterOrDigit(c) || c is '_' or '.') && !RuleTokens.IsReserved(name)
            ? name
            : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A type as people call it.</summary>
    public static string NameOf(TagValueType type) => type switch
    {
        TagValueType.Text => "text",
        TagValueType.MultiText => "multi-valued text",
        TagValueType.Number => "number",
        _ => "date",
    };
}
