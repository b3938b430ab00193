using Engine.Server.Errors;

namespace Engine.Server.Contract;

/// <summary>Says which ids of a list match nothing: a typo must not pass in silence.</summary>
internal static class UnknownIds
{
    /// <summary>"N of M FIELD unknown: first ones", or null when all are known.</summary>
    public static string? Note(string field, IReadOnlyCollection<string> ids, Func<string, bool> isKnown)
    {
        var unknown = ids.Where(id => !isKnown(id)).Distinct(StringComparer.Ordinal).ToArray();
        return unknown.Length == 0 ? null : $"{unknown.Length} of {ids.Count} {field} unknown: {Names.List(unknown)}";
    }

    /// <summary>The same; an error when every id is unknown.</summary>
    /// <exception cref="FieldException">There are ids, and none is known.</exception>
    public static string? NoteOrThrow(string field, IReadOnlyCollection<string> ids, Func<string, bool> isKnown)
    {
        var note = Note(field, ids, isKnown);
        return note is not null && !ids.Any(isKnown)
            ? throw new FieldException(
                field, $"{note}. Check the ids: they are case-sensitive, and leading zeros count")
            : note;
    }
}
