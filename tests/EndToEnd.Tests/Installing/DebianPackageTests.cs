using Tests.Shared;

namespace EndToEnd.Tests.Installing;

/// <summary>
/// The Debian package: lintian has nothing to say, and it is really installed, in a copy of this system.
/// </summary>
public sealed class DebianPackageTests : IDisposable
{
    private readonly ProgramsFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [InstallFact("dpkg-deb", "lintian", "unshare", "systemd-analyze", "python3")]
    public async Task It_is_clean_and_installs_starts_stops_updates_and_leaves_the_data()
    {
        var built = await ProgramOutput.Of(
            "env", "COMPRESSION=none", ProgramsFolder.Packaging("debian.sh"), _folder.Programs, _folder.Output);
        Assert.True(built.ExitCode == 0, built.Error);
        var package = built.Output.Trim();

        // Only this test's package is not compressed: that takes a minute.
        var lint = ProgramOutput.Of(
            "lintian",
            "--allow-root",
            "--fail-on",
            "warning",
            "--suppress-tags",
            "uses-no-compression-for-data-tarball,uses-no-compression-for-control-tarball",
            package);
        var install = await ProgramOutput.Of(
            "unshare",
            "--mount",
            "/bin/bash",
            Path.Combine(TestData.Root, "tests", "EndToEnd.Tests", "Installing", "install.sh"),
            package,
            ProgramsFolder.Packaging("start.py"));
        Assert.True(install.ExitCode == 0, install.Output + install.Error);
        Assert.EndsWith("installed, started, stopped, updated and purged\n", install.Output, StringComparison.Ordinal);
        var (_, said, error) = await lint;
        Assert.Equal(
            "",
            said + error.Replace("running with root privileges is not recommended!\n", "", StringComparison.Ordinal));
    }
}
