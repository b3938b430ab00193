using System.Runtime.Intrinsics.X86;
using Engine.Kernels.Codes;

namespace Engine.Tests.Kernels;

public sealed unsafe class ColumnDotsTests
{
    [Fact]
    public void Every_path_equals_the_definition_at_every_number_of_columns()
    {
        var random = new Random(1);
        for (var columns = 1; columns <= 40; columns++)
        {
            using var memory = new GuardedMemory(columns * RowCodes.BlockRows);
            var block = (byte*)memory.Before(columns * RowCodes.BlockRows);
            random.NextBytes(new Span<byte>(block, columns * RowCodes.BlockRows));
            var order = Enumerable.Range(0, columns).ToArray();
            random.Shuffle(order);
            Check(block, order.Select(column => (column, random.Next(-64, 65))).ToArray());
        }
    }

    [Fact]
    public void The_largest_codes_do_not_saturate()
    {
        var block = new byte[2 * RowCodes.BlockRows];
        fixed (byte* bytes = block)
        {
            foreach (var (row, code) in new[] { (255, 64), (255, -64), (1, 64), (1, -64) })
            {
                Array.Fill(block, (byte)row);
                Check(bytes, [(0, code), (1, code)]);
                Assert.Equal(2 * (row - 128) * code, WithoutOffset(bytes, code));
            }
        }
    }

    [Fact]
    public void Four_blocks_at_once_are_four_blocks()
    {
        var random = new Random(2);
        const int Columns = 10;
        using var memory = new GuardedMemory(4 * Columns * RowCodes.BlockRows);
        var blocks = (byte*)memory.Before(4 * Columns * RowCodes.BlockRows);
        random.NextBytes(new Span<byte>(blocks, 4 * Columns * RowCodes.BlockRows));
        var pairs = Pairs(Enumerable.Range(0, Columns).Select(column => (column, random.Next(-64, 65))).ToArray());
        var found = Enumerable.Repeat((short)7, 4 * RowCodes.BlockRows).ToArray();
        var expected = new short[4 * RowCodes.BlockRows];
        fixed (ColumnPair* fixedPairs = pairs)
        fixed (short* f = found, e = expected)
        {
            ColumnDots.AddToFour(blocks, Columns * RowCodes.BlockRows, fixedPairs, pairs.Length, f, isFar: true);
            for (var i = 0; i < 4; i++)
            {
                ColumnDots.Plain(
                    blocks + (i * Columns * RowCodes.BlockRows),
                    fixedPairs,
                    pairs.Length,
                    e + (i * RowCodes.BlockRows));
            }
        }

        Assert.Equal(expected, found);
    }

    [Fact]
    public void Every_row_has_its_place() =>
        Assert.Equal(Enumerable.Range(0, 64), Enumerable.Range(0, 64).Select(RowCodes.PositionOf).Order());

    private static int WithoutOffset(byte* block, int code)
    {
        var sums = stackalloc short[RowCodes.BlockRows];
        new Span<short>(sums, RowCodes.BlockRows).Fill((short)(-128 * 2 * code));
        var pair = new ColumnPair(0, RowCodes.BlockRows, ColumnPair.Pack(code, code));
        ColumnDots.Add(block, &pair, 1, sums);
        return sums[63];
    }

    private static void Check(byte* block, (int Column, int Code)[] columns)
    {
        var pairs = Pairs(columns);
        var start = Enumerable.Range(0, RowCodes.BlockRows).Select(i => (short)(i * 401)).ToArray();
        var expected = Sum(start, pairs, (p, n, s) => ColumnDots.Plain(block, p, n, s));
        Assert.Equal(expected, Sum(start, pairs, (p, n, s) => ColumnDots.Add(block, p, n, s)));
        Assert.Equal(expected, Sum(start, pairs, (p, n, s) =>
        {
            for (var part = 0; part < 4; part++)
            {
                ColumnDots.Portable(block + (part * 16), p, n, s + (part * 8));
            }
        }));
        if (Avx2.IsSupported)
        {
            Assert.Equal(expected, Sum(start, pairs, (p, n, s) =>
            {
                ColumnDots.Avx2Half(block, p, n, s);
                ColumnDots.Avx2Half(block + 32, p, n, s + 16);
            }));
        }
    }

    private delegate void Kernel(ColumnPair* pairs, int count, short* sums);

    private static short[] Sum(short[] start, ColumnPair[] pairs, Kernel kernel)
    {
        var sums = start.ToArray();
        fixed (ColumnPair* p = pairs)
        fixed (short* s = sums)
        {
            kernel(p, pairs.Length, s);
        }

        return sums;
    }

    private static ColumnPair[] Pairs((int Column, int Code)[] columns) => columns.Chunk(2)
        .Select(pair => new ColumnPair(
            pair[0].Column * RowCodes.BlockRows,
            pair[^1].Column * RowCodes.BlockRows,
            ColumnPair.Pack(pair[0].Code, pair.Length > 1 ? pair[1].Code : 0)))
        .ToArray();
}
