using Engine.Kernels;
using Engine.Tables.Csv;
using Engine.Tables.Rows;

namespace Engine.Datasets.Mapping;

/// <summary>Checks what the parts of a mapping say together, before any table is opened.</summary>
internal static class MappingCheck
{
    /// <exception cref="InputException">Names the key.</exception>
    public static void Check(string path, DatasetDefinition definition)
    {
        var table = definition.Behavior;
        CheckTypes(path, table);
        CheckColumns(path, table);
        CheckTagNames(path, definition.Product);
        CheckCsv(path, "behavior", table.Encoding, table.Separator);
        CheckCsv(path, "product", definition.Product.Encoding, definition.Product.Separator);
        TimeParser.For(table.TimeFormat);
        if (table.LatestTime is not null && table.LatestMoment() is null)
        {
            throw new InputException(
                $"{path}: behavior.latest_time is '{table.LatestTime}': give a time such as 2021-12-31T23:59:59.");
        }

        foreach (var tag in definition.Product.Tags.Where(tag => tag.TimeFormat is not null))
        {
            if (tag.Type != TagType.Date)
            {
                throw new InputException(
                    $"{path}: the tag '{tag.Column}' has a time_format but is not of the type date.");
            }

            TimeParser.For(tag.TimeFormat!);
        }
    }

    private static void CheckTypes(string path, BehaviorTable table)
    {
        var said =
            new[] { table.Type is not null, table.ConstantType is not null, table.TypeColumns is not null }.Count(
                given => given);
        if (said != 1)
        {
            throw new InputException(
                InvariantText.Of(
                    $"{path}: found {said} of behavior.type, behavior.constant_type and behavior.type_columns; "
                    + $"exactly one of them must say what the rows are."));
        }

        if (table.Type is null && table.Types.Count > 0)
        {
            throw new InputException(
                $"{path}: behavior.types maps the values of a type column, but behavior.type names none: "
                + "name it or remove behavior.types.");
        }

        if (table.TypeColumns is not null && table.Count is not null)
        {
            throw new InputException(
                $"{path}: behavior.type_columns hold the counts themselves: remove behavior.count.");
        }

        if (table.Type is not null
            ? !table.Types.Values.Contains(BehaviorKind.Purchase)
            : !(table.TypeColumns?.Values ?? [table.ConstantType!.Value]).Contains(BehaviorKind.Purchase))
        {
            throw new InputException(table.Type is not null
                ? $"{path}: no value of '{table.Type}' is mapped to purchase; map one in behavior.types."
                : $"{path}: no row can be a purchase: name purchase in behavior.constant_type or "
                    + "in behavior.type_columns.");
        }
    }

    // A column can be of use twice, but no person is a product, a type, a time or a count.
    private static void CheckColumns(string path, BehaviorTable table)
    {
        var twice = new[]
        {
            ("user_id", table.UserId), ("product_id", table.ProductId), ("type", table.Type), ("time", table.Time),
            ("count", table.Count),
        }.Where(key => key.Item2 is not null).GroupBy(key => key.Item2).FirstOrDefault(group => group.Skip(1).Any());
        if (twice is not null)
        {
            throw new InputException(
                $"{path}: {string.Join(" and ", twice.Select(key => $"behavior.{key.Item1}"))} are both the column "
                + $"'{twice.Key}': name a column of its own for each.");
        }
    }

    // In rules these are the id and the name that every product has.
    private static void CheckTagNames(string path, ProductTable table)
    {
        foreach (var tag in table.Tags)
        {
            var column = (tag.Alias ?? tag.Column) switch
            {
                "product_id" => table.ProductId,
                "product_name" => table.ProductName,
                _ => tag.Column,
            };
            if (column != tag.Column)
            {
                throw new InputException(
                    $"{path}: the tag of the column '{tag.Column}' is called '{tag.Alias ?? tag.Column}', which rules "
                    + $"take for that of the column '{column}': give it an alias of its own.");
            }
        }
    }

    private static void CheckCsv(string path, string key, string? encoding, string? separator)
    {
        if (separator is not null && (separator.Length != 1 || separator[0] is '"' or '\n' or '\r'))
        {
            throw new InputException(
                $"{path}: {key}.separator is '{separator}': give one character, such as \";\" or \"\\t\".");
        }

        try
        {
            _ = encoding is null ? null : TextEncodings.Find(encoding);
        }
        catch (TableException e)
        {
            throw new InputException($"{path}: {key}.encoding: {e.Message}", e);
        }
    }
}
