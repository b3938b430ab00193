using Engine.Kernels;

namespace Engine.Scoring.Pools;

/// <summary>
/// A pool rule that cannot be read or does not fit the tags. The message is one line: what was found where, what was
/// expected, and the rule around the place, which stands between &gt;&gt;&gt; and &lt;&lt;&lt;.
/// </summary>
public sealed class RuleException : InputException
{
    private const int Around = 30;

    private RuleException(string message, int start, int length)
        : base(message)
    {
        Start = start;
        Length = length;
    }

    /// <summary>The first character that is wrong, 0-based; the length of the rule when its end is.</summary>
    public int Start { get; }

    /// <summary>Characters that are wrong; 0 at the end of the rule.</summary>
    public int Length { get; }

    /// <summary>An error at a place of a rule.</summary>
    /// <param name="rule">The whole rule.</param>
    /// <param name="start">The first character that is wrong.</param>
    /// <param name="length">Characters that are wrong.</param>
    /// <param name="expected">What would have been right, and what to do.</param>
    internal static RuleException At(string rule, int start, int length, string expected)
    {
        var found = length == 0 ? "the end" : $"'{OneLine(Cut(rule.Substring(start, length)))}'";
        return new RuleException(
            InvariantText.Of(
                $"found {found} at character {start + 1} of the rule, expected {expected}: "
                + $"{Quote(rule, start, length)}"),
            start,
            length);
    }

    /// <summary>An error of a rule as a whole.</summary>
    internal static RuleException TooLarge(string message) => new(message, 0, 0);

    /// <summary>The place and what stands around it.</summary>
    private static string Quote(string rule, int start, int length)
    {
        var from = Math.Max(0, start - Around);
        var to = Math.Min(rule.Length, start + length + Around);
        var (before, after) = (from > 0 ? "..." : "", to < rule.Length ? "..." : "");
        var marked = $">>>{Cut(rule.Substring(start, length))}<<<";
        return OneLine($"{before}{rule[from..start]}{marked}{rule[(start + length)..to]}{after}");
    }

    private static string Cut(string text) => text.Length <= 2 * Around ? text : text[..(2 * Around)] + "...";

    private static string OneLine(string text) => string.Create(text.Length, text, static (target, source) =>
    {
        for (var i = 0; i < target.Length; i++)
        {
            target[i] = char.IsControl(source[i]) ? ' ' : source[i];
        }
    });
}
