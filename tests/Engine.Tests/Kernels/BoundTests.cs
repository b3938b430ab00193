using CsCheck;
using Engine.Model.Kernels;

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
                AssertBounds(TopKIndex.Build(trial.Matrix, seed % 3 % (trial.Matrix.Columns + 1)), trial.Vector);
            },
            iter: 200);

    [Fact]
    public void A_query_along_a_residual_makes_the_error_bound_tight()
    {
        var index = TopKIndex.Build(RandomFactors.Create(640, 64, 3));
        var tightest = 0f;
        for (var row = 0; row < 640; row++)
        {
            var query = new float[64];
            for (var k = 0; k < 64; k++)
            {
                var scale = index.Codes.Scales[row];
                query[k] = index.Rows[row][k] - (scale * MathF.Round(index.Rows[row][k] * (scale == 0 ? 0 : 1 / scale)));
            }

            // Rounded to what the query's codes can say, so that the query itself adds no error.
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
            var quads = new int[16];
            var bounds = index.Bounds.Blocks(new CodedQuery(index.Codes, query, quads), 0);
            Assert.InRange(bounds[block] / DotProduct.Score(query, query), 1f, 1.0001f);
        }
    }

    /// <summary>Checks every bound for every row and returns the largest share of an error bound that was needed.</summary>
    private static float AssertBounds(TopKIndex index, float[] vector)
    {
        var codes = index.Codes;
        var quads = new int[codes.Quads + 1];
        var query = new CodedQuery(codes, vector, quads.AsSpan(0, codes.Quads));
        var scores = stackalloc float[64];
        var needed = 0f;
        fixed (int* fixedQuads = quads)
        {
            for (var block = 0; block < codes.Blocks && query.IsBounded; block++)
            {
                BlockScores.Compute(codes, query, fixedQuads, block, scores);
                var error = BlockScores.Error(codes, query, block);
                var upper = index.Bounds.Blocks(query, block / 16)[block % 16];
                for (var row = block * 64; row < Math.Min(index.Rows.Rows, (block + 1) * 64); row++)
                {
                    var score = DotProduct.Score(vector, index.Rows[row]);
                    Assert.True(score <= upper, $"row {row} scores {score}, its block at most {upper}");
                    Assert.True(score <= index.Bounds.Suffix(query, block / 16), $"row {row} scores {score}, above the suffix");
                    var distance = Math.Abs((double)score - scores[row % 64]);
                    Assert.True(distance <= error, $"row {row} scores {score}, approximately {scores[row % 64]}, error {error}");
                    needed = MathF.Max(needed, error == 0 ? 0 : (float)(distance / error));
                }
            }
        }

        return needed;
    }
}
