using System.Globalization;
using Engine;

namespace Trainer.Models.Settings;

/// <summary>
/// The check that all numeric settings share. Comparisons with NaN are false, so that it is refused with the rest.
/// </summary>
internal static class Setting
{
    /// <exception cref="InputException">
    /// The setting is outside its range; the message names it, its value and the range.
    /// </exception>
    public static void Require(bool holds, string name, double value, string range)
    {
        if (!holds)
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}: give {range}"));
        }
    }
}
