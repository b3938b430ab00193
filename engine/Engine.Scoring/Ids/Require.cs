using System.Numerics;
using Engine.Kernels;

namespace Engine.Scoring.Ids;

/// <summary>Checks of request fields.</summary>
public static class Require
{
    /// <exception cref="InputException">The value is outside; NaN always is.</exception>
    public static void Between<T>(string field, T value, T least, T most)
        where T : INumber<T>
    {
        if (!(value >= least && value <= most))
        {
            throw new InputException(InvariantText.Of($"found {field} = {value}, expected {least}..{most}"));
        }
    }
}
