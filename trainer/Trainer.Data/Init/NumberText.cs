using System.Globalization;

namespace Trainer.Data.Init;

/// <summary>Tells numbers from other text.</summary>
internal static class NumberText
{
    /// <summary>Whether the text is a finite number in invariant form.</summary>
    public static bool IsNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value);
}
