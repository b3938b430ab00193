using System.Runtime.Intrinsics.X86;
using Engine.Model.Kernels;

namespace Engine.Tests.Kernels;

public sealed unsafe class CodeDotsTests
{
    [Fact]
    public void Every_path_equals_the_definition_at_every_length()
    {
        var random = new Random(1);
        for (var quads = 0; quads <= 40; quads++)
        {
            using var memory = new GuardedMemory(Math.Max(1, quads * 256));
            var block = (byte*)memory.Before(quads * 256);
            random.NextBytes(new Span<byte>(block, quads * 256));
            var codes = Enumerable.Range(0, quads * 4).Select(_ => (sbyte)random.Next(-64, 65)).ToArray();
            Check(block, codes, quads);
        }
    }

    [Fact]
    public void The_largest_codes_do_not_overflow()
    {
        var block = new byte[32 * 256];
        fixed (byte* bytes = block)
        {
            foreach (var (row, code) in new[] { (255, 64), (255, -64), (1, 64), (1, -64) })
            {
                Array.Fill(block, (byte)row);
                Check(bytes, Enumerable.Repeat((sbyte)code, 128).ToArray(), 32);
            }
        }
    }

    private static void Check(byte* block, sbyte[] codes, int quads)
    {
        var query = new int[quads + 1];
        Buffer.BlockCopy(codes, 0, query, 0, codes.Length);
        var offset = -128 * codes.Sum(code => code);
        var expected = new int[64];
        var dots = new int[64];
        fixed (int* q = query, e = expected, d = dots)
        {
            CodeDots.Plain(block, q, quads, e);
            CodeDots.Compute(block, q, quads, offset, d);
            Assert.Equal(expected, dots);
            if (Avx2.IsSupported)
            {
                Array.Clear(dots);
                CodeDots.Avx2Half(block, q, quads, offset, d);
                CodeDots.Avx2Half(block + 128, q, quads, offset, d + 32);
                Assert.Equal(expected, dots);
            }

            if (Ssse3.IsSupported)
            {
                Array.Clear(dots);
                for (var part = 0; part < 4; part++)
                {
                    CodeDots.Ssse3Quarter(block + (part * 64), q, quads, offset, d + (part * 16));
                }

                Assert.Equal(expected, dots);
            }
        }
    }
}
