using System.Globalization;
using Grpc.Core;

namespace Engine.WebConsole.Calls;

/// <summary>Numbers that people enter, refused in the engine's form when they are none.</summary>
internal static class FormNumber
{
    /// <summary>A whole number; 0 for nothing.</summary>
    /// <param name="field">The field of the engine's request.</param>
    /// <param name="text">What was entered.</param>
    /// <exception cref="RpcException">INVALID_ARGUMENT: it is no whole number.</exception>
    public static int Whole(string field, string text) =>
        string.IsNullOrWhiteSpace(text) ? 0
        : int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number
        : throw Wrong(field, text, "a whole number");

    /// <summary>A number.</summary>
    /// <param name="field">The field of the engine's request.</param>
    /// <param name="text">What was entered.</param>
    /// <exception cref="RpcException">INVALID_ARGUMENT: it is no number.</exception>
    public static double Decimal(string field, string text) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Wrong(field, text, "a number");

    private static RpcException Wrong(string field, string text, string expected) =>
        new(new Status(StatusCode.InvalidArgument, $"found {field} = '{text}', expected {expected}"));
}
