using System.Buffers;
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

    /// <summary>Characters of a word that are decoded without an object.</summary>
    public const int StackChars = 256;

    /// <summary>Adds the products of a text tag for which the comparison holds.</summary>
    public static void Run(MappedTag tag, RuleCondition condition, Bitset products, CancellationToken cancellation)
    {
        var codes = tag.Codes.AsSpan();
        using var matches =
            condition.Operator == RuleOperator.Empty ? new WordMatches([]) : Judge(tag.Words, condition, cancellation);
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
                var equal = condition with { Operator = RuleOperator.Equal, Values = [value] };
                using var matches = Judge(tag.Words, equal, cancellation);
                AddAny(tag, matches, one);
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
            using var matches = Judge(tag.Words, condition with { Operator = RuleOperator.Equal }, cancellation);
            AddAny(tag, matches, products);
        }
    }

    /// <summary>For each word whether the comparison holds for it with one of the values.</summary>
    public static WordMatches Judge(StringTable words, RuleCondition condition, CancellationToken cancellation) =>
        Judge(words.Count, words.Utf8, condition, cancellation);

    /// <summary>For each of <paramref name="count"/> words the same.</summary>
    public static WordMatches Judge(
        int count, Func<int, ReadOnlySpan<byte>> word, RuleCondition condition, CancellationToken cancellation)
    {
        var values = condition.Values.Select(value => Encoding.UTF8.GetBytes(value.Text)).ToArray();
        var equal = values.Select(Encoding.UTF8.GetString).ToHashSet(StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> buffer = stackalloc char[StackChars];
        var matches = ArrayPool<bool>.Shared.Rent(count);
        for (var i = 0; i < count; i++)
        {
            if (i % CheckedWords == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            matches[i] = condition.Operator == RuleOperator.Equal
                ? equal.Contains(Text(word(i), buffer))
                : Holds(condition.Operator, word(i), values);
        }

        return new WordMatches(matches);
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

    /// <summary>The characters of a word; UTF-8 has no fewer bytes than UTF-16 has characters.</summary>
    public static ReadOnlySpan<char> Text(ReadOnlySpan<byte> word, Span<char> buffer) => word.Length > buffer.Length
        ? Encoding.UTF8.GetString(word)
        : buffer[..Encoding.UTF8.GetChars(word, buffer)];

    private static void AddAny(MappedTag tag, WordMatches matches, Bitset products)
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
