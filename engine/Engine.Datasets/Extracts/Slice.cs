using Engine.Tables.Sql;

namespace Engine.Datasets.Extracts;

/// <summary>One part of a table that is read by one query and becomes one file.</summary>
/// <param name="Number">Its number, from 0; the file's name.</param>
/// <param name="From">The least time, inclusive; null for no bound.</param>
/// <param name="Below">The time that follows the slice; null for the last one.</param>
/// <param name="UpTo">The latest time, inclusive; of the last slice, null in the others.</param>
/// <param name="Untimed">Whether it is the slice of the rows that have no time.</param>
/// <param name="Rows">Rows counted when the plan was made.</param>
internal sealed record Slice(int Number, string? From, string? Below, string? UpTo, bool Untimed, long Rows)
{
    /// <summary>The condition and its parameters; no condition for a whole table.</summary>
    public (string? Where, object[] Parameters) Condition(TimeKey? key)
    {
        if (key is null)
        {
            return (null, []);
        }

        var column = SqlDialect.Name(key.Column);
        if (Untimed)
        {
            return ($"{column} IS NULL", []);
        }

        var bounds = new[] { (">=", From), ("<", Below), ("<=", UpTo) }
            .Where(bound => bound.Item2 is not null)
            .ToArray();
        return (
            string.Join(
                " AND ", bounds.Select((bound, i) => FormattableString.Invariant($"{column} {bound.Item1} @{i}"))),
            [.. bounds.Select(bound => key.Parameter(bound.Item2!))]);
    }
}
