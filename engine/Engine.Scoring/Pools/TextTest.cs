using System.Text;
using Engine.Scoring.Sets;
using Engine.Snapshots.Mapping;

namespace Engine.Scoring.Pools;

/// <summary>
/// Conditions on text, on UTF-8 bytes and case-sensitive: the distinct words are judged once, then the products.
/// </summary>
internal static class TextTest
{
    // Words between two looks at the cancellation.
    private const int CheckedWords = 1024;

    /// <summary>Adds the products of a text tag for which the comparison holds.</summary>
    public static void Run(MappedTag tag, RuleCondition condition, Bitset products, CancellationToken cancellation)
    {
        var codes = tag.Codes.AsSpan();
        var matches = condition.Operator == RuleOperator.Empty ? [] : Judge(tag.Words, condition, cancellation);
        for (var product = 0; product < codes.Length; product++)
        {
            var holds = condition.Operator == RuleOperator.Empty
                ? codes[product] < 0
                : codes[product] >= 0 && matches[codes[product]];
            if (holds)
            {
                products.Add(product);
            }
        }
    }

    /// <summary>Adds the products of a multi-valued tag for which the comparison holds.</summary>
    public static void RunMulti(
        MappedTag tag, RuleCondition condition, int count, Bitset products, CancellationToken cancellation)
    {
        if (condition.Operator == RuleOperator.ContainsAll)
        {
            products.Fill(count);
            var one = new Bitset();
            foreach (var value in condition.Values)
            {
                one.Clear(count);
                AddAny(
                    tag,
                    Judge(tag.Words, condition with { Operator = RuleOperator.Equal, Values = [value] }, cancellation),
                    one);
                products.IntersectWith(one);
            }
        }
        else if (condition.Operator == RuleOperator.Empty)
        {
            for (var product = 0; product < count; product++)
            {
                if (tag.Offsets[product] == tag.Offsets[product + 1])
                {
                    products.Add(product);
                }
            }
        }
        else
        {
            AddAny(tag, Judge(tag.Words, condition with { Operator = RuleOperator.Equal }, cancellation), products);
        }
    }

    /// <summary>For each word whether the comparison holds for it with one of the values.</summary>
    public static bool[] Judge(StringTable words, RuleCondition condition, CancellationToken cancellation) =>
        Judge(words.Count, words.Utf8, condition, cancellation);

    /// <summary>For each of <paramref name="count"/> words the same.</summary>
    public static bool[] Judge(
        int count, Func<int, ReadOnlySpan<byte>> word, RuleCondition condition, CancellationToken cancellation)
    {
        var values = condition.Values.Select(value => Encoding.UTF8.GetBytes(value.Text)).ToArray();
        var equal = values.Select(Encoding.UTF8.GetString).ToHashSet(StringComparer.Ordinal);
        var matches = new bool[count];
        for (var i = 0; i < matches.Length; i++)
        {
            if (i % CheckedWords == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            matches[i] = condition.Operator == RuleOperator.Equal
                ? equal.Contains(Encoding.UTF8.GetString(word(i)))
                : Holds(condition.Operator, word(i), values);
        }

        return matches;
    }

    private static bool Holds(RuleOperator comparison, ReadOnlySpan<byte> word, byte[][] values)
    {
        foreach (var value in values)
        {
            var holds = comparison switch
            {
                RuleOperator.StartsWith => word.StartsWith(value),
                RuleOperator.EndsWith => word.EndsWith(value),
                _ => word.IndexOf(value) >= 0,
            };
            if (holds)
            {
                return true;
            }
        }

        return false;
    }

    private static void AddAny(MappedTag tag, bool[] matches, Bitset products)
    {
        for (var product = 0; product + 1 < tag.Offsets.Length; product++)
        {
            foreach (var code in tag.Codes.Slice(tag.Offsets[product], tag.Offsets[product + 1] - tag.Offsets[product]))
            {
                if (matches[code])
                {
                    products.Add(product);
                    break;
                }
            }
        }
    }
}
