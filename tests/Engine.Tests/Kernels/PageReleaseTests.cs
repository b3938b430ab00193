using Engine.Kernels.Memory;

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
}
