using System.Globalization;
using Engine;

namespace Bench.Load;

/// <summary>Which calls a load consists of, and in which proportions.</summary>
internal sealed class CallMix
{
    private const int MostWeight = 1_000_000;

    private CallMix(IReadOnlyList<(Rpc Rpc, int Weight)> parts) => Parts = parts;

    /// <summary>The calls and their weights, all above 0.</summary>
    public IReadOnlyList<(Rpc Rpc, int Weight)> Parts { get; }

    /// <summary>Whether a call of it names products.</summary>
    public bool NeedsProducts => Parts.Any(part => part.Rpc != Rpc.Recommend);

    /// <summary>Reads <c>recommend=90,related=10</c>.</summary>
    /// <exception cref="InputException">It is no such list.</exception>
    public static CallMix Parse(string text)
    {
        var parts = new List<(Rpc Rpc, int Weight)>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var (name, weight) = part.Split('=') is [var left, var right] ? (left, right) : (part, "");
            var rpc = Rpc.Mixable.FirstOrDefault(rpc => rpc.Name == name);
            if (rpc is null || !int.TryParse(weight, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || number is < 1 or > MostWeight || parts.Any(other => other.Rpc == rpc))
            {
                var names = string.Join(", ", Rpc.Mixable.Select(known => known.Name));
                throw new InputException(
                    $"--mix: found '{part}'; expected NAME=WEIGHT, each name once, weight 1 to {MostWeight:N0}. "
                    + $"Names: {names}");
            }

            parts.Add((rpc, number));
        }

        return new(parts);
    }

    /// <summary>The calls in a random order, in exactly their proportions (rounded to whole calls).</summary>
    public Rpc[] Draw(int count, Random random)
    {
        var (calls, total, sum) = (new Rpc[count], Parts.Sum(part => (long)part.Weight), 0L);
        foreach (var (rpc, weight) in Parts)
        {
            var from = (int)(sum * count / total);
            sum += weight;
            calls.AsSpan(from..(int)(sum * count / total)).Fill(rpc);
        }

        random.Shuffle(calls);
        return calls;
    }
}
