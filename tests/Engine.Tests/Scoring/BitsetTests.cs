using Engine.Scoring.Sets;

namespace Engine.Tests.Scoring;

/// <summary>Sets of ordinals, beside sets of the framework.</summary>
public sealed class BitsetTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(256)]
    [InlineData(1_000)]
    [InlineData(5_001)]
    public void Operations_and_counts_equal_those_of_plain_sets(int size)
    {
        var random = new Random(size);
        foreach (var share in (ReadOnlySpan<double>)[0, 0.002, 0.5, 1])
        {
            var (mine, plain) = Draw(random, size, 0.7);
            var (other, plainOther) = Draw(random, size, share);
            Same(plain, mine);

            var (and, or, less) = (Copy(mine, size), Copy(mine, size), Copy(mine, size));
            and.IntersectWith(other);
            Same(plain.Intersect(plainOther), and);
            or.UnionWith(other);
            Same(plain.Union(plainOther), or);
            Assert.Equal(plain.Intersect(plainOther).Count(), less.Subtract(other));
            Same(plain.Except(plainOther), less);
            Same(plainOther, other);
        }

        var all = new Bitset();
        all.Fill(size);
        Same(Enumerable.Range(0, size), all);
    }

    private static (Bitset, HashSet<int>) Draw(Random random, int size, double share)
    {
        var (set, plain) = (new Bitset(), new HashSet<int>());
        set.Clear(size);
        for (var i = 0; i < size; i++)
        {
            if (random.NextDouble() < share)
            {
                Assert.True(set.Add(i) & plain.Add(i));
            }
        }

        return (set, plain);
    }

    private static Bitset Copy(Bitset set, int size)
    {
        var copy = new Bitset();
        copy.Clear(size);
        set.Words.CopyTo(copy.Words);
        return copy;
    }

    private static void Same(IEnumerable<int> expected, Bitset set)
    {
        int[] ordinals = [.. expected.Order()];
        Assert.Equal(ordinals.Length, set.Count);
        Assert.All(ordinals, ordinal => Assert.True(set[ordinal]));
    }
}
