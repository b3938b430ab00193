using Engine.Kernels.Memory;
using Engine.Kernels.Search;

namespace Engine.Tests.Kernels;

public sealed unsafe class PageReleaseTests
{
    private const int Page = 4096;

    [Fact]
    public void Whole_pages_of_a_large_range_are_given_back_and_no_others()
    {
        const int Length = 9 << 20;
        var array = GC.AllocateArray<byte>(Length + (5 * Page), pinned: true);
        array.AsSpan().Fill(7);
        fixed (byte* start = array)
        {
            var first = (int)(Page - ((nuint)start % Page));

            // From the middle of a page to the middle of another one.
            PageRelease.InSlices(start + first + (Page / 2), Length + Page);
            var released = OperatingSystem.IsLinux() ? (byte)0 : (byte)7;
            Assert.False(array.AsSpan(0, first + Page).ContainsAnyExcept((byte)7));
            Assert.False(array.AsSpan(first + Page, Length).ContainsAnyExcept(released));
            Assert.False(array.AsSpan(first + Page + Length).ContainsAnyExcept((byte)7));

            // A small one is freed in one step.
            array.AsSpan().Fill(7);
            PageRelease.InSlices(start + first, 1 << 20);
            Assert.False(array.AsSpan().ContainsAnyExcept((byte)7));
        }
    }

    [Fact]
    public void A_released_index_holds_no_codes()
    {
        var index = TopKIndex.Build(RandomFactors.Create(100_000, 64, seed: 1));
        var codes = index.Codes.Codes.Span;
        Assert.True(codes.ContainsAnyExcept((byte)0));
        index.Release();
        var whole = codes[Page..^Page];
        Assert.Equal(OperatingSystem.IsLinux(), !whole.ContainsAnyExcept((byte)0));
        GC.KeepAlive(index);
    }
}
