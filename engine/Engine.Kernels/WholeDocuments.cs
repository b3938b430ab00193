using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Engine.Kernels;

namespace Engine;

/// <summary>
/// Documents on the disk, which people and disks damage. A value that must be there and is null or absent, in a list
/// too, is a mistake of the document when it is read, not an exception of whatever uses it later.
/// </summary>
public static class WholeDocuments
{
    /// <summary>The same options; reading refuses what is missing.</summary>
    public static JsonSerializerOptions Whole(this JsonSerializerOptions options)
    {
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { CheckLists } };
        return options;
    }

    /// <summary>What is wrong, for a person: of a null, the serializer speaks to programmers.</summary>
    public static string Reason(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error is JsonException found && found.Message.Contains("doesn't allow", StringComparison.Ordinal)
            ? InvariantText.Of($"line {(found.LineNumber ?? 0) + 1}: {found.Path} is null, expected a value")
            : error.Message.TrimEnd('.');
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
