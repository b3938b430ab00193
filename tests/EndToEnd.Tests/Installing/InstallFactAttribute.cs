namespace EndToEnd.Tests.Installing;

/// <summary>
/// A fact that needs root, a Linux with overlay file systems, and some programs; skipped with the reason without them.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class InstallFactAttribute : FactAttribute
{
    public InstallFactAttribute(params string[] programs)
    {
        var missing = Array.Find(programs, program => !File.Exists($"/usr/bin/{program}"));
        Skip = missing is not null ? $"there is no /usr/bin/{missing}; tests/run.sh installs it"
            : Environment.UserName != "root" ? "only root can install into a copy of the system"
            : !File.ReadAllText("/proc/filesystems").Contains("\toverlay\n", StringComparison.Ordinal)
                ? "the kernel has no overlay file system"
            : null;
    }
}
