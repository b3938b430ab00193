using System.Globalization;

namespace Engine.WebConsole.Calls;

/// <summary>Numbers and choices that people enter, refused in the engine's form when they are none.</summary>
internal static class FormValue
{
    /// <summary>A whole number; 0 for nothing.</summary>
    /// <param name="field">The field of the engine's request.</param>
    /// <param name="text">What was entered.</param>
    /// <exception cref="RpcException">INVALID_ARGUMENT: it is no whole number.</exception>
    public static int Whole(string field, string text) =>
        string.IsNullOrWhiteSpace(text) ? 0
        : int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number
        : throw Wrong(field, text, "a whole number");

    /// <summary>A number. A comma is no thousands separator: 0,5 would be 5.</summary>
    /// <param name="field">The field of the engine's request.</param>
    /// <param name="text">What was entered.</param>
    /// <exception cref="RpcException">INVALID_ARGUMENT: it is no number.</exception>
    public static double Decimal(string field, string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number)
            ? number
            : throw Wrong(field, text, "a number with a decimal point, such as 0.5");

    /// <summary>One of several values; the first one for nothing.</summary>
    /// <typeparam name="T">The values.</typeparam>
    /// <param name="field">The field of the engine's request.</param>
    /// <param name="text">What was chosen.</param>
    /// <param name="values">Those that are offered.</param>
    /// <exception cref="RpcException">INVALID_ARGUMENT: it is none of them.</exception>
    public static T Choice<T>(string field, string? text, IReadOnlyList<T> values)
        where T : struct, Enum =>
        string.IsNullOrEmpty(text) ? values[0]
        : Enum.TryParse<T>(text, out var value) && values.Contains(value) ? value
        : throw Wrong(field, text, $"one of {string.Join(", ", values)}");

    private static RpcException Wrong(string field, string text, string expected) =>
        new(new Status(StatusCode.InvalidArgument, $"found {field} = '{text}', expected {expected}"));
}
