using CsCheck;
using Engine.Kernels.Sparse;
using Tests.Shared;

namespace Engine.Tests.Kernels;

public sealed class SparseSumsTests
{
    [Fact]
    public void Equals_the_plain_sums_bit_for_bit() =>
        Gen.Int[0, 1_000_000].Sample(seed => _ = AssertEqualsPlain(seed), iter: 300);

    [Fact]
    public void A_column_that_is_no_target_is_refused()
    {
        var sums = new SparseSums();
        sums.Clear(10);
        Assert.Throws<ArgumentOutOfRangeException>(() => sums.Add(1, new SparseRow([3, 10], [1, 1])));
        Assert.Throws<ArgumentOutOfRangeException>(() => sums.Add(1, new SparseRow([-1, 3], [1, 1])));
        Assert.Throws<ArgumentOutOfRangeException>(() => sums.Add(1, new SparseRow([3, 4], [1])));
        Assert.True(sums.Terms().IsEmpty);
    }

    [Fact]
    public void After_warm_up_nothing_is_allocated()
    {
        var sums = new SparseSums();
        int[] columns = [.. Enumerable.Range(0, 5000)];
        var values = new float[5000];
        Assert.Equal(5000, Ask());
        Assert.Equal(0, Allocations.Least(() => Ask()));

        int Ask()
        {
            sums.Clear(5000);
            sums.Add(2, new SparseRow(columns, values));
            return sums.Terms().Length;
        }
    }

    [Fact]
    public void Millions_of_targets_are_summed_outside_of_the_collected_heap()
    {
        const int Size = 2_000_003;
        var sums = new SparseSums();
        int[] columns = [.. Enumerable.Range(0, Size / 3).Select(i => (i * 3) + 2)];
        float[] values = [.. columns.Select(column => column * .5f)];
        var row = new SparseRow(columns, values);
        var before = GC.GetAllocatedBytesForCurrentThread();
        sums.Clear(Size);
        sums.Add(2, row);
        var count = sums.Terms().Length;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3 << 20);
        Assert.Equal(columns.Length, count);
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(new SparseTerm(columns[i], columns[i]), sums.Terms()[i]);
        }
    }

    /// <summary>Three sums in the same memory, larger and smaller, against the definition.</summary>
    internal static SparseTerm[] AssertEqualsPlain(int seed)
    {
        var random = new Random(seed);
        var sums = new SparseSums();
        var answers = new List<SparseTerm>();
        for (var ask = 0; ask < 3; ask++)
        {
            var size = random.Next(1, 3000);
            var plain = new SortedDictionary<int, float>();
            sums.Clear(size);
            for (var row = random.Next(0, 8); row > 0; row--)
            {
                int[] columns = [.. Enumerable.Range(0, size).Where(_ => random.Next(20) < row)];
                // Zeros and cancelling values: a sum of 0 was reached as well.
                float[] values =
                    [.. columns.Select(_ => random.Next(4) == 0 ? random.Next(-1, 2) : random.NextSingle() - 0.5f)];
                var isOwn = random.Next(3) == 0;
                var weight = isOwn ? 1 : random.Next(4) == 0 ? -1 : random.NextSingle();
                if (isOwn)
                {
                    sums.Add(new SparseRow(columns, values));
                }
                else
                {
                    sums.Add(weight, new SparseRow(columns, values));
                }

                for (var i = 0; i < columns.Length; i++)
                {
                    var term = weight * values[i];
                    plain[columns[i]] = plain.TryGetValue(columns[i], out var sum) ? sum + term : term;
                }
            }

            var expected = plain.Where(sum => BitConverter.SingleToInt32Bits(sum.Value) != int.MinValue)
                .Select(sum => new SparseTerm(sum.Key, sum.Value)).ToArray();
            var terms = sums.Terms().ToArray();
            Assert.Equal(expected.Select(Bits), terms.Select(Bits));
            Assert.All(terms, term => Assert.Equal(term.Addend, sums[term.Ordinal]));
            answers.AddRange(terms);
        }

        return [.. answers];
    }

    private static (int Ordinal, int Bits) Bits(SparseTerm term) =>
        (term.Ordinal, BitConverter.SingleToInt32Bits(term.Addend));
}
