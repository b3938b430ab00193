namespace Engine.Datasets.Mapping;

/// <summary>Which columns of the two tables a mapping names: what is read from a source, and nothing else.</summary>
internal static class MappedColumns
{
    /// <summary>
    /// The behavior table's columns with what each is mapped to; optional ones that are not mapped are left out.
    /// </summary>
    public static IReadOnlyList<(string Role, string Column)> Roles(BehaviorTable table) =>
    [
        .. new (string Role, string? Column)[]
        {
            ("type", table.Type),
            ("time", table.Time),
            ("user id", table.UserId),
            ("product id", table.ProductId),
            ("count", table.Count),
            ("amount", table.Amount), ("channel", table.Channel), ("order id", table.OrderId),
        }.Where(pair => pair.Column is not null).Select(pair => (pair.Role, pair.Column!)),
        .. (table.TypeColumns?.Keys ?? []).Select(column => ("type", column)),
    ];

    /// <summary>The product table's columns with what each is mapped to.</summary>
    public static IReadOnlyList<(string Role, string Column)> Roles(ProductTable table) =>
        [
            ("product id", table.ProductId),
            ("product name", table.ProductName),
            .. table.Tags.Select(tag => ($"tag, {Word(tag.Type)}", tag.Column)),
        ];

    /// <summary>Each column once, in the order of the roles.</summary>
    public static string[] Distinct(IReadOnlyList<(string Role, string Column)> roles) =>
        [.. roles.Select(pair => pair.Column).Distinct(StringComparer.Ordinal)];

    /// <summary>
    /// The column of an extract that counts the rows of a sum, where the mapping names no column of counts.
    /// </summary>
    public static string CountOfRows(BehaviorTable table)
    {
        var name = "rows_added_up";
        while (Roles(table).Any(pair => pair.Column.Equals(name, StringComparison.OrdinalIgnoreCase)))
        {
            name += "_";
        }

        return name;
    }

    private static string Word(TagType type) => type.ToString().ToUpperInvariant() switch
    {
        "MULTI" => "multi-valued",
        "NUMBER" => "number",
        "DATE" => "date",
        _ => "text",
    };
}
