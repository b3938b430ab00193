using System.Globalization;
using System.Runtime.CompilerServices;

namespace Engine.Kernels;

/// <summary>
/// An interpolated string whose numbers and dates are written the same under every culture. A parameter of this type
/// takes one as it is, also in several parts joined by +.
/// </summary>
[InterpolatedStringHandler]
public ref struct InvariantText(int literalLength, int formattedCount)
{
    private DefaultInterpolatedStringHandler _text = new(literalLength, formattedCount, CultureInfo.InvariantCulture);

    /// <summary>Called by the compiler for each constant part.</summary>
    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    /// <summary>Called by the compiler for each value.</summary>
    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    /// <summary>Called by the compiler for each value with a format.</summary>
    public void AppendFormatted<T>(T value, string? format) => _text.AppendFormatted(value, format);

    /// <summary>The text of an interpolated string.</summary>
    public static string Of(InvariantText text) => text.Take();

    /// <summary>The text; to be asked for once.</summary>
    public string Take() => _text.ToStringAndClear();
}
