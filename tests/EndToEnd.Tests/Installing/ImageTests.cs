using System.Text.Json.Nodes;

namespace EndToEnd.Tests.Installing;

/// <summary>
/// The OCI image: an independent program unpacks it, and what is in it runs without the rest of the system.
/// </summary>
public sealed class ImageTests : IDisposable
{
    private const string Snapshots = "/var/lib/engine/snapshots";

    private readonly ProgramsFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [InstallFact("umoci", "unshare", "python3")]
    public async Task It_is_unpacked_by_umoci_and_runs_in_its_own_root()
    {
        // The image of publish.sh has the runtime with it; these programs get the one of the machine.
        var runtime = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(
            Path.GetDirectoryName(typeof(object).Assembly.Location))))!;
        foreach (var part in new[] { "host", "shared" })
        {
            await Run("cp", "-r", Path.Combine(runtime, part), Path.Combine(Directory.CreateDirectory(
                Path.Combine(_folder.Programs, "dotnet")).FullName, part));
        }

        Directory.CreateDirectory(_folder.Output);
        var (image, layout, bundle) = (In("image.tar"), In("layout"), In("bundle"));
        await Run(
            "env", "COMPRESSION_LEVEL=1", ProgramsFolder.Packaging("image.py"), _folder.Programs, image, "e:1.2.3");
        Directory.CreateDirectory(layout);
        await Run("tar", "-xf", image, "-C", layout);
        await Run("umoci", "unpack", "--image", $"{layout}:1.2.3", bundle);
        var root = Path.Combine(bundle, "rootfs");
        var process = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(bundle, "config.json")))!["process"]!;
        Assert.Equal(10001, (int)process["user"]!["uid"]!);
        string[] command = [.. process["args"]!.AsArray().Select(argument => (string)argument!)];
        Assert.Equal(["/usr/bin/engine", "serve", "--config", "/etc/engine/engine.json"], command);
        Assert.False(File.Exists(Path.Combine(root, "bin", "sh")));

        Assert.Equal(
            "/etc/engine/engine.json is valid.\n", await Inside(root, "engine", "config", "check", command[^1]));
        Assert.Contains(
            "/tmp/brand/dataset.json",
            await Inside(root, "trainer", "generate", "--size", "tiny", "--out", "/tmp/brand"),
            StringComparison.Ordinal);
        await Inside(
            root, "trainer", "train", "--dataset", "/tmp/brand/dataset.json", "--out", Snapshots, "--horizon", "30");
        var asked = await Inside(
            root,
            "engine",
            "query",
            "recommend",
            "--snapshot",
            Snapshots,
            "--user",
            "C0000001",
            "--top",
            "3",
            "--json");
        Assert.Equal(3, JsonNode.Parse(asked)!["products"]!.AsArray().Count);
    }

    // As a runtime of containers starts it: its own root, processes and user, and nothing of the environment.
    private static Task<string> Inside(string root, string program, params string[] arguments) => Run(
        "unshare",
        [
            "--mount", "--pid", "--fork", "/bin/sh", "-c",
            "mkdir -p \"$0/proc\" \"$0/dev\" && mount -t proc proc \"$0/proc\" && mount --rbind /dev \"$0/dev\" && "
                + "exec env -i DOTNET_ROOT=/usr/lib/recommendation-engine/dotnet "
                + "/usr/sbin/chroot --userspec=10001:10001 \"$0\" \"$@\"",
            root, $"/usr/bin/{program}", .. arguments,
        ]);

    private static async Task<string> Run(string program, params string[] arguments)
    {
        var run = await ProgramOutput.Of(program, arguments);
        Assert.True(run.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {run.Output}{run.Error}");
        return run.Output;
    }

    private string In(string name) => Path.Combine(_folder.Output, name);
}
