using Engine.Server.Workspaces;
using Tests.Shared;

namespace Engine.Tests.Server;

public sealed class AvailableMemoryTests : IDisposable
{
    private const long Mebibyte = 1 << 20;

    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Without_control_groups_the_machine_says_it()
    {
        Assert.Equal(long.MaxValue, AvailableMemory.Of(_root.Path));
        Machine();
        Assert.Equal(24_000L << 10, AvailableMemory.Of(_root.Path));
        Assert.InRange(AvailableMemory.Bytes, 1, OperatingSystem.IsLinux() ? 1L << 50 : long.MaxValue);
    }

    [Theory]
    [InlineData("0::/system.slice/engine.service", "sys/fs/cgroup/system.slice/engine.service")]
    [InlineData("0::/system.slice/engine.service", "sys/fs/cgroup/system.slice")]
    [InlineData("0::/", "sys/fs/cgroup")]
    [InlineData("0::/docker/0123", "sys/fs/cgroup")]
    [InlineData("0::/a", "sys/fs/cgroup/unified/a")]
    public void The_limit_of_any_group_of_the_process_counts(string line, string folder)
    {
        Machine();
        Write("proc/self/cgroup", $"9:name=systemd:/elsewhere\n{line}\n");
        Write($"{folder}/memory.max", $"{10 * Mebibyte}\n");
        Write($"{folder}/memory.current", $"{7 * Mebibyte}\n");
        Write($"{folder}/memory.stat", $"anon 1\ninactive_file {2 * Mebibyte}\nactive_file 4096\n");
        Assert.Equal(5 * Mebibyte, AvailableMemory.Of(_root.Path));

        // The least of several, and none where there is none.
        Write("sys/fs/cgroup/memory.max", "max\n");
        Write("sys/fs/cgroup/memory.current", "1\n");
        Assert.Equal(folder == "sys/fs/cgroup" ? 24_000L << 10 : 5 * Mebibyte, AvailableMemory.Of(_root.Path));
    }

    [Fact]
    public void Control_groups_of_the_first_version_count_too()
    {
        Machine();
        Write("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/pods/one\n0::/\n");
        Write("sys/fs/cgroup/memory/pods/one/memory.limit_in_bytes", $"{long.MaxValue - 4095}\n");
        Write("sys/fs/cgroup/memory/pods/one/memory.usage_in_bytes", $"{Mebibyte}\n");
        Assert.Equal(24_000L << 10, AvailableMemory.Of(_root.Path));
        Write("sys/fs/cgroup/memory/pods/memory.limit_in_bytes", $"{10 * Mebibyte}\n");
        Write("sys/fs/cgroup/memory/pods/memory.usage_in_bytes", $"{11 * Mebibyte}\n");
        Write("sys/fs/cgroup/memory/pods/memory.stat", $"inactive_file 7\ntotal_inactive_file {3 * Mebibyte}\n");
        Assert.Equal(2 * Mebibyte, AvailableMemory.Of(_root.Path));
    }

    private void Machine() => Write("proc/meminfo", "MemTotal:  64000 kB\nMemAvailable:   24000 kB\n");

    private void Write(string path, string text)
    {
        var file = _root.File(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
