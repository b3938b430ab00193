using System.Globalization;

namespace Engine.WebConsole.Calls;

/// <summary>Numbers that people enter.</summary>
internal static class FormNumber
{
    /// <summary>
    /// A whole number; 0 for nothing. A text that is none becomes -1, which the engine refuses with the range.
    /// </summary>
    public static int Whole(string? text) =>
        string.IsNullOrWhiteSpace(text) ? 0
        : int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number
        : -1;
}
