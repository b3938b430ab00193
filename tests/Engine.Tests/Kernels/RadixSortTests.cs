using CsCheck;
using Engine.Kernels.Arithmetic;

namespace Engine.Tests.Kernels;

public sealed class RadixSortTests
{
    [Fact]
    public void Sorts_as_comparisons_do() =>
        Gen.OneOf(
            Gen.ULong,
            Gen.ULong[0, 5],
            Gen.ULong[1ul << 40, (1ul << 40) + 3000],
            Gen.Const(ulong.MaxValue)).Array[0, 300].Sample(keys =>
        {
            ulong[] expected = [.. keys.Order()];
            Assert.Equal(expected, RadixSort.Sort(keys, new ulong[keys.Length], new int[RadixSort.Counts]).ToArray());
        });
}
