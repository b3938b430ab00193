using System.Globalization;
using Engine;

namespace Trainer.Evaluation.Tuning;

/// <summary>Durations as people type them: 90s, 10m, 1.5h.</summary>
public static class Duration
{
    /// <summary>Parses a duration; null stays null.</summary>
    /// <exception cref="InputException">Not such a text, or not above 0.</exception>
    public static TimeSpan? Parse(string? text, string option)
    {
        if (text is null)
        {
            return null;
        }

        var seconds = text.Length == 0 ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => 0 };
        if (seconds > 0
            && double.TryParse(
                text.AsSpan(0, text.Length - 1),
                NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture,
                out var value)
            && value > 0 && value * seconds <= 7 * 86_400)
        {
            return TimeSpan.FromSeconds(value * seconds);
        }

        throw new InputException(
            $"{option} is '{text}': give a number with s, m or h, at most 7 days, for example 10m");
    }
}
