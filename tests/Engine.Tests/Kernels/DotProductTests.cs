using CsCheck;
using Engine.Kernels.Arithmetic;

namespace Engine.Tests.Kernels;

public sealed unsafe class DotProductTests
{
    [Fact]
    public void Every_path_gives_the_same_bits_at_every_length()
    {
        for (var columns = 0; columns <= 144; columns++)
        {
            var matrix = RandomFactors.Create(4, columns, columns);
            var query = RandomFactors.Query(matrix, columns + 1);
            fixed (float* q = query)
            {
                float* a = matrix.Row(0), b = matrix.Row(1), c = matrix.Row(2), d = matrix.Row(3);
                var wide4 = DotProductPaths.Wide512x4(q, a, b, c, d, matrix.Stride);
                Assert.Equal(wide4, DotProductPaths.Wide256x4(q, a, b, c, d, matrix.Stride));
                for (var row = 0; row < 4; row++)
                {
                    var expected = SearchTrial.PlainDot(query, matrix[row]);
                    AssertBits(expected, DotProductPaths.Wide512(q, matrix.Row(row), matrix.Stride));
                    AssertBits(expected, DotProductPaths.Wide256(q, matrix.Row(row), matrix.Stride));
                    AssertBits(expected, DotProductPaths.Wide128(q, matrix.Row(row), matrix.Stride));
                    AssertBits(expected, DotProductPaths.Scalar(q, matrix.Row(row), matrix.Stride, null, null));
                    AssertBits(expected, wide4[row]);
                    AssertBits(expected, DotProduct.Score(query, matrix[row]));
                    AssertBits(expected, DotProduct.Score(query.AsSpan(0, columns), matrix[row][..columns]));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(InstructionSets.Settings), MemberType = typeof(InstructionSets))]
    public void Instruction_sets_switched_off_change_no_bit(string off) =>
        Assert.Equal(Program.Run("dot-product"), InstructionSets.RunProbe("dot-product", off));

    [Fact]
    public void A_score_is_within_the_rounding_bound_of_the_double_sum() =>
        Gen.Float[-100, 100].Array[0, 300].SelectMany(x => Gen.Float[-100, 100].Array[x.Length].Select(y => (x, y)))
            .Sample((x, y) =>
            {
                var exact = x.Zip(y, (a, b) => (double)a * b).Sum();
                var size = x.Zip(y, (a, b) => Math.Abs((double)a * b)).Sum();
                // One rounding per addition on each value's way: ceil(n/16) in its lane, 4 folds, each 2^-24.
                var bound = ((x.Length / 16) + 1 + 4) * size * 1.001 / (1 << 24);
                Assert.InRange(DotProduct.Score(x, y), exact - bound - 1e-40, exact + bound + 1e-40);
            });

    [Fact]
    public void Nothing_is_read_past_the_end()
    {
        for (var length = 0; length <= 80; length++)
        {
            using var memory = new GuardedMemory(length * sizeof(float));
            var row = memory.Last<float>(length);
            row.Fill(1);
            Assert.Equal(length, DotProduct.Score(row, row));
            var rows = length / 16;
            var matrix = new FactorRows((float*)memory.Before(rows * 64), rows, 16, 16);
            var scores = new float[rows];
            DotProduct.ScoreRows(new float[16], matrix, 0, scores);
            Assert.All(scores, score => Assert.Equal(0, score));
        }
    }

    [Fact]
    public void A_score_is_never_a_negative_zero()
    {
        AssertBits(0f, DotProduct.Score([-1e-30f], [1e-30f]));
        AssertBits(
            0f, DotProduct.Score(Enumerable.Repeat(-1e-30f, 32).ToArray(), Enumerable.Repeat(1e-30f, 32).ToArray()));
    }

    [Fact]
    public void Wrong_shapes_are_refused()
    {
        var matrix = RandomFactors.Create(3, 5, 1);
        Assert.Throws<ArgumentException>(() => DotProduct.Score(new float[3], new float[4]));
        Assert.Throws<ArgumentException>(() => DotProduct.ScoreRows(new float[5], matrix, 0, new float[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => DotProduct.ScoreRows(new float[16], matrix, 1, new float[3]));
        Assert.Throws<ArgumentException>(() => new FactorRows((float*)64, 1, 5, 5));
        Assert.Throws<ArgumentException>(() => new FactorRows((float*)32, 1, 5, 16));
    }

    private static void AssertBits(float expected, float actual) =>
        Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(actual));
}
