using Engine.Kernels.Arithmetic;

namespace Engine.Tests.Kernels;

public unsafe class TileKernelTests
{
    [Fact]
    public void Equals_its_plain_twin_bit_for_bit_at_every_length_and_mode()
    {
        var random = new Random(1);
        for (var steps = 0; steps < 70; steps++)
        {
            foreach (var mode in new[] { TileMode.Set, TileMode.Add, TileMode.Subtract })
            {
                foreach (var (aStep, aRow) in new[] { (24, 1), (1, 80) })
                {
                    var a = Values(random, 80 * 24);
                    var b = Values(random, 80 * 32);
                    var c = Values(random, 8 * 48);
                    var expected = Twin(a, aStep, aRow, b, 32, steps, c, 48, mode);
                    fixed (float* pa = a, pb = b, pc = c)
                    {
                        TileKernel.Multiply(pa, aStep, aRow, pb, 32, steps, pc, 48, mode);
                    }

                    Assert.Equal(expected, c);
                }
            }
        }
    }

    [Fact]
    public void Infinity_and_nan_pass_through()
    {
        float[] a = [.. Enumerable.Repeat(1f, 8)], b = [.. Enumerable.Repeat(1f, 16)];
        (a[1], b[2]) = (float.PositiveInfinity, float.NaN);
        var c = new float[8 * 16];
        fixed (float* pa = a, pb = b, pc = c)
        {
            TileKernel.Multiply(pa, 8, 1, pb, 16, 1, pc, 16, TileMode.Set);
        }

        Assert.Equal(float.PositiveInfinity, c[16]);
        Assert.True(float.IsNaN(c[2]));
        Assert.Equal(1, c[32]);
    }

    private static float[] Twin(
        float[] a, int aStep, int aRow, float[] b, int bStep, int steps, float[] c, int cRow, TileMode mode)
    {
        var result = (float[])c.Clone();
        for (var r = 0; r < 8; r++)
        {
            for (var j = 0; j < 16; j++)
            {
                var sum = mode == TileMode.Subtract ? c[(r * cRow) + j] : 0;
                for (var k = 0; k < steps; k++)
                {
                    var left = a[(k * aStep) + (r * aRow)];
                    sum = MathF.FusedMultiplyAdd(mode == TileMode.Subtract ? -left : left, b[(k * bStep) + j], sum);
                }

                result[(r * cRow) + j] = mode == TileMode.Add ? c[(r * cRow) + j] + sum : sum;
            }
        }

        return result;
    }

    private static float[] Values(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];
}
