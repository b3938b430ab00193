using CsCheck;
using Engine.Kernels.Arithmetic;
using Engine.Kernels.Codes;
using Engine.Kernels.Search;

namespace Engine.Tests.Kernels;

/// <summary>The proofs that a coded search rests on, row by row, also where they are tight.</summary>
public sealed unsafe class BoundTests
{
    [Fact]
    public void Approximate_scores_are_within_their_error() =>
        Gen.Int[0, 1_000_000].Sample(
            seed =>
            {
                var trial = SearchTrial.Create(seed);
                var index = TopKIndex.Build(trial.Matrix, seed % 3 % (trial.Matrix.Columns + 1));
                AssertBounds(index, trial.Vector);
                if (trial.Matrix.Rows > 0)
                {
                    AssertKeepsAbove(index, trial.Vector, scores => scores[seed % scores.Length]);
                }
            },
            iter: 100);

    [Fact]
    public void The_filter_leaves_little_beside_the_best_rows()
    {
        var index = TopKIndex.Build(RandomFactors.Create(6400, 64, 5));
        var (above, kept) =
            AssertKeepsAbove(index, RandomFactors.Query(index.Rows, 6), scores => scores.Order().ElementAt(6300));
        Assert.Equal(99, above);
        // A block of which two rows are left is not asked further: at most 200 of 100 blocks, and what the codes cannot
        // tell.
        Assert.InRange(kept, 99, 800);
    }

    [Fact]
    public void A_query_along_a_residual_makes_the_error_bound_tight()
    {
        // So few columns that the query's codes reach 64 and say multiples of 1/64 without an error.
        const int Columns = 5;
        var index = TopKIndex.Build(RandomFactors.Create(640, Columns, 3));
        var tightest = 0f;
        for (var row = 0; row < 640; row++)
        {
            var query = new float[index.Rows.Stride];
            for (var k = 0; k < Columns; k++)
            {
                var scale = index.Codes.BlockScales[row / 64];
                query[k] =
                    index.Rows[row][k] - (scale * MathF.Round(index.Rows[row][k] * (scale == 0 ? 0 : 1 / scale)));
            }

            var largest = query.Max(MathF.Abs);
            query = query.Select(value => largest == 0 ? 0 : MathF.Round(value / largest * 64) / 64).ToArray();
            tightest = MathF.Max(tightest, AssertBounds(index, query));
        }

        // So a bound that were 10 % smaller would fail here.
        Assert.InRange(tightest, 0.9f, 1f);
    }

    [Fact]
    public void A_query_along_a_row_makes_the_block_bound_tight()
    {
        var index = TopKIndex.Build(RandomFactors.Create(640, 64, 4));
        for (var block = 0; block < 10; block++)
        {
            var query = index.Rows[block * 64].ToArray();
            AssertBounds(index, query);
            var memory = new QueryMemory(64);
            var bounds = index.Bounds.Blocks(new CodedQuery(index.Codes, query, memory), 0);
            GC.KeepAlive(memory);
            Assert.InRange(bounds[block] / DotProduct.Score(query, query), 1f, 1.0001f);
        }
    }

    /// <summary>
    /// Checks every bound for every row and returns the largest share of an error bound that was needed.
    /// </summary>
    private static float AssertBounds(TopKIndex index, float[] vector)
    {
        var codes = index.Codes;
        var memory = new QueryMemory(codes.CodedColumns);
        var query = new CodedQuery(codes, vector, memory);
        var filter = new BlockFilter(codes, query, memory);
        var scores = stackalloc float[64];
        var needed = 0f;
        for (var block = 0; block < codes.Blocks && query.IsBounded; block++)
        {
            BlockScores.Compute(codes, query, block, scores);
            var error = BlockScores.Error(codes, query, block);
            var upper = index.Bounds.Blocks(query, block / 16)[block % 16];
            for (var row = block * 64; row < Math.Min(index.Rows.Rows, (block + 1) * 64); row++)
            {
                var score = DotProduct.Score(vector, index.Rows[row]);
                Assert.True(score <= upper, $"row {row} scores {score}, its block at most {upper}");
                Assert.True(
                    score <= index.Bounds.Suffix(query, block / 16), $"row {row} scores {score}, above the suffix");
                var distance = Math.Abs((double)score - scores[row % 64]);
                Assert.True(
                    distance <= error, $"row {row} scores {score}, approximately {scores[row % 64]}, error {error}");
                needed = MathF.Max(needed, error == 0 ? 0 : (float)(distance / error));
            }
        }

        GC.KeepAlive(memory);
        return needed;
    }

    /// <summary>
    /// Every row above the floor survives every stage; rows far below are out, or the filter would be no filter.
    /// </summary>
    private static (int Above, int Kept) AssertKeepsAbove(TopKIndex index, float[] vector, Func<float[], float> floorOf)
    {
        var codes = index.Codes;
        var memory = new QueryMemory(codes.CodedColumns);
        var query = new CodedQuery(codes, vector, memory);
        var filter = new BlockFilter(codes, query, memory);
        var exact =
            Enumerable.Range(0, index.Rows.Rows).Select(row => DotProduct.Score(vector, index.Rows[row])).ToArray();
        var floor = floorOf(exact);
        var rows = stackalloc ulong[BlockFilter.Group];
        var (above, kept) = (0, 0);
        for (var first = 0; first < codes.Blocks && query.IsBounded; first += BlockFilter.Group)
        {
            filter.Enter(first / 16);
            new Span<ulong>(rows, BlockFilter.Group).Fill(ulong.MaxValue);
            filter.First(first, floor, rows);
            for (var block = first; block < Math.Min(codes.Blocks, first + BlockFilter.Group); block++)
            {
                var columns = 0;
                var survivors = filter.Narrow(block, floor, rows[block - first], ref columns);
                for (var row = block * 64; row < Math.Min(exact.Length, (block + 1) * 64); row++)
                {
                    var isKept = (survivors >> row & 1) != 0;
                    Assert.True(
                        isKept || !(exact[row] > floor),
                        $"row {row} scores {exact[row]}, above {floor}, and was left out");
                    above += exact[row] > floor ? 1 : 0;
                    kept += isKept ? 1 : 0;
                }
            }
        }

        GC.KeepAlive(memory);
        return (above, kept);
    }
}
