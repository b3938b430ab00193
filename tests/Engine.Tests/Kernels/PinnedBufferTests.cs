using Engine.Kernels.Memory;
using Tests.Shared;

namespace Engine.Tests.Kernels;

public sealed class PinnedBufferTests
{
    private const int Large = 8 << 20;

    [Fact]
    public void A_large_lasting_buffer_is_zero_and_no_part_of_the_collected_heap()
    {
        var lasting = new PinnedBuffer<byte>(Large, isLasting: true);
        Assert.Equal(Large, lasting.Length);
        Assert.False(lasting.Span.ContainsAnyExcept((byte)0));
        GC.KeepAlive(lasting);
        Assert.InRange(Allocations.Least(() => GC.KeepAlive(new PinnedBuffer<byte>(Large, isLasting: true))), 1, 1_000);
        Assert.True(Allocations.Least(() => GC.KeepAlive(new PinnedBuffer<byte>(Large))) > Large);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(100, true)]
    [InlineData(Large, true)]
    [InlineData(Large, false)]
    public unsafe void It_starts_on_a_cache_line(int length, bool isLasting)
    {
        var buffer = new PinnedBuffer<byte>(length, isLasting);
        Assert.Equal(0, (long)buffer.Pointer % 64);
        GC.KeepAlive(buffer);
    }

    [Fact]
    public unsafe void A_block_is_freed_once()
    {
        var block = new NativeBlock(Large);
        block.Free();
        Assert.True(block.Start == null);
        block.Free();
        Assert.True(new NativeBlock(0).Bytes > 0);
    }
}
