using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// Documents on the disk, which people and disks damage. A value that must be there and is null or absent, in a list
/// too, is a mistake of the document when it is read, not an exception of whatever uses it later. So is a key that
/// comes twice: one of its values would be dropped.
/// </summary>
public static class WholeDocuments
{
    /// <summary>The same options; reading refuses what is missing.</summary>
    public static JsonSerializerOptions Whole(this JsonSerializerOptions options)
    {
        options.AllowDuplicateProperties = false;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { CheckLists } };
        return options;
    }

    /// <summary>
    /// What is wrong, for a person: of a null and of a value of another kind, the serializer speaks to programmers.
    /// </summary>
    public static string Reason(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        var place = error is JsonException found
            ? InvariantText.Of($"line {(found.LineNumber ?? 0) + 1}: {found.Path}")
            : "";
        return place.Length > 0 && error.Message.Contains("Duplicate propert", StringComparison.Ordinal)
            ? $"{place} comes twice, expected once: remove one of the two"
            : place.Length > 0 && error.Message.Contains("doesn't allow", StringComparison.Ordinal)
            ? $"{place} is null, expected a value"
            : place.Length > 0 && error.Message.Split("could not be converted to ") is [_, var type]
                ? $"{place} is of another kind, expected {KindOf(type)}"
            : error.Message.TrimEnd('.');
    }

    private static string KindOf(string type)
    {
        (string Part, string Kind)[] kinds =
        [
            ("Dictionary", "an object in braces"), ("Collections", "a list in brackets"), ("[]", "a list in brackets"),
            ("Boolean", "true or false"), ("String", "a text in quotes"), ("Int", "a whole number"),
            ("Double", "a number"), ("Single", "a number"), ("Decimal", "a number"), ("Date", "a time in quotes"),
        ];
        return kinds.FirstOrDefault(kind => type.Contains(kind.Part, StringComparison.Ordinal)).Kind
            ?? "an object in braces";
    }

    // Annotations of the elements of a list are not looked at by the serializer.
    private static void CheckLists(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
        {
            return;
        }

        var lists = type.Properties.Where(property => property.Get is not null && HoldsObjects(property.PropertyType))
            .ToArray();
        if (lists.Length > 0)
        {
            type.OnDeserialized = document =>
            {
                if (lists.FirstOrDefault(list => HasNull(list.Get!(document))) is { } list)
                {
                    throw new JsonException($"the list '{list.Name}' holds null");
                }
            };
        }
    }

    private static bool HoldsObjects(Type type) =>
        type != typeof(string)
        && typeof(IEnumerable).IsAssignableFrom(type)
        && (type.GetElementType() ?? type.GetGenericArguments().FirstOrDefault())?.IsValueType != true;

    private static bool HasNull(object? list) => list is IEnumerable values && values.Cast<object?>().Contains(null);
}
