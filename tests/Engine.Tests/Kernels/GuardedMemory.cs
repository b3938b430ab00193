using System.Runtime.InteropServices;

namespace Engine.Tests.Kernels;

/// <summary>
/// Memory that ends exactly before an inaccessible page (POSIX): a read past the end kills the test run.
/// </summary>
internal sealed unsafe class GuardedMemory : IDisposable
{
    private const int ReadWrite = 3, PrivateAnonymous = 0x22;
    private readonly byte* _start;
    private readonly nuint _mapped;
    private readonly byte* _end;

    public GuardedMemory(int bytes)
    {
        var page = (nuint)Environment.SystemPageSize;
        var usable = ((nuint)bytes + page - 1) / page * page;
        _mapped = usable + page;
        _start = (byte*)Map(null, _mapped, ReadWrite, PrivateAnonymous, -1, 0);
        Assert.NotEqual(-1, (nint)_start);
        Assert.Equal(0, Protect(_start + usable, page, 0));
        _end = _start + usable;
    }

    /// <summary>The last <paramref name="count"/> elements before the inaccessible page.</summary>
    public Span<T> Last<T>(int count)
        where T : unmanaged => new(_end - ((nint)count * sizeof(T)), count);

    /// <summary>The address <paramref name="bytes"/> before the inaccessible page.</summary>
    public void* Before(nint bytes) => _end - bytes;

    public void Dispose() => _ = Unmap(_start, _mapped);

    [DllImport("libc", EntryPoint = "mmap")]
    private static extern void* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [DllImport("libc", EntryPoint = "mprotect")]
    private static extern int Protect(void* address, nuint length, int protection);

    [DllImport("libc", EntryPoint = "munmap")]
    private static extern int Unmap(void* address, nuint length);
}
