using System.Globalization;
using System.Text.Json;
using Engine.Server.Errors;
using Google.Protobuf.Reflection;

namespace Engine.Server.Json;

/// <summary>Single values of a field, from every form that proto3 JSON allows.</summary>
internal static class JsonValues
{
    /// <summary>
    /// The value that a reader is at, in the type that a generated message holds (an enum as its number).
    /// </summary>
    /// <exception cref="FieldException">The field cannot hold it.</exception>
    public static object Read(ref Utf8JsonReader reader, FieldDescriptor field, Func<string> path)
    {
        var isText = reader.TokenType == JsonTokenType.String;
        var isBool = reader.TokenType is JsonTokenType.True or JsonTokenType.False;
        if (isBool != (field.FieldType == FieldType.Bool) ||
            (!isText && !isBool && (reader.TokenType != JsonTokenType.Number || field.FieldType == FieldType.String)))
        {
            throw Wrong(path(), Found(ref reader), Expected(field));
        }

        // The two that most bodies are made of.
        if (field.FieldType == FieldType.Int32 && !isText && reader.TryGetInt32(out var number))
        {
            return number;
        }

        var text = isText ? Text(ref reader, path) : Raw(ref reader);
        return field.FieldType == FieldType.String ? text : Of(text, isText, field, path);
    }

    /// <summary>The value at the reader, for error texts.</summary>
    public static string Found(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => $"'{Raw(ref reader)}'",
        JsonTokenType.Null => "null",
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        _ => Raw(ref reader),
    };

    /// <summary>The value of a text.</summary>
    /// <param name="text">The value.</param>
    /// <param name="isText">Whether it was quoted: names of enums and of special numbers are.</param>
    /// <param name="field">Where it belongs.</param>
    /// <param name="path">The path of the field, for error texts.</param>
    /// <exception cref="FieldException">The field cannot hold it.</exception>
    public static object Of(string text, bool isText, FieldDescriptor field, Func<string> path)
    {
        object? value = field.FieldType switch
        {
            FieldType.String => text,

            // .NET reads numbers with such an end.
            _ when text.EndsWith('\0') => null,
            FieldType.Bool => text is "true" or "false" ? text == "true" : null,
            FieldType.Enum => EnumNumber(text, isText, field.EnumType),
            FieldType.Double => Real(text, isText, field),
            FieldType.Float => Real(text, isText, field) is { } real ? (float)real : null,
            FieldType.Int32 => Whole(text, field) is { } whole ? (int)whole : null,
            FieldType.UInt32 => Whole(text, field) is { } whole ? (uint)whole : null,
            FieldType.UInt64 => Whole(text, field) is { } whole ? (ulong)whole : null,
            _ => Whole(text, field) is { } whole ? (long)whole : null,
        };
        return value ?? throw Wrong(
            path(),
            isText ? $"'{text}'" : text,
            Expected(field),
            field.FieldType == FieldType.Enum ? Near(text, field) : "");
    }

    /// <summary>The error of one field.</summary>
    public static FieldException Wrong(string path, string found, string expected, string hint = "") =>
        new(path, $"found {path} = {found}, expected {expected}{hint}");

    /// <summary>What a field can hold.</summary>
    public static string Expected(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.String => "text",
        FieldType.Bool => "true or false",
        FieldType.Message => "an object",
        FieldType.Enum => $"one of {string.Join(", ", field.EnumType.Values.Select(value => value.Name))}",
        FieldType.Float or FieldType.Double => "a number",
        _ => Range(field) is var (least, most) ? $"a whole number {least}..{most}" : "",
    };

    // Numbers that no value has pass: the service refuses them with its own words.
    private static int? EnumNumber(string text, bool isText, EnumDescriptor type) =>
        isText && type.FindValueByName(text) is { } named ? named.Number
        : !isText
            && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : null;

    private static string Near(string text, FieldDescriptor field)
    {
        var names = field.EnumType.Values.Select(value => value.Name).ToArray();
        var suffix =
            names.FirstOrDefault(name => name.EndsWith("_" + text.ToUpperInvariant(), StringComparison.Ordinal));
        return (suffix ?? Names.Nearest(text, names)) is { } near ? $": use {near}" : "";
    }

    private static double? Real(string text, bool isText, FieldDescriptor field)
    {
        if (isText && text is "NaN" or "Infinity" or "-Infinity")
        {
            return double.Parse(text, CultureInfo.InvariantCulture);
        }

        var bound = field.FieldType == FieldType.Float ? float.MaxValue : double.MaxValue;
        const NumberStyles Style =
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(text, Style, CultureInfo.InvariantCulture, out var value) && Math.Abs(value) <= bound
            ? value
            : null;
    }

    private static decimal? Whole(string text, FieldDescriptor field)
    {
        const NumberStyles Style =
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        var (least, most) = Range(field);
        return decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out var value)
            && value == decimal.Truncate(value) && value >= least && value <= most
            ? decimal.Truncate(value)
            : null;
    }

    private static (decimal Least, decimal Most) Range(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Int32 => (int.MinValue, int.MaxValue),
        FieldType.UInt32 => (0, uint.MaxValue),
        FieldType.UInt64 => (0, ulong.MaxValue),
        _ => (long.MinValue, long.MaxValue),
    };

    private static string Text(ref Utf8JsonReader reader, Func<string> path)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new FieldException(
                path(), $"{path()} is not valid Unicode text, expected UTF-8 and paired surrogates");
        }
    }

    private static string Raw(ref Utf8JsonReader reader) =>
        System.Text.Encoding.UTF8.GetString(reader.HasValueSequence
            ? System.Buffers.BuffersExtensions.ToArray(reader.ValueSequence)
            : reader.ValueSpan);
}
