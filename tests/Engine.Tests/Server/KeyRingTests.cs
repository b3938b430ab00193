using System.Diagnostics;
using System.Text.Json.Nodes;
using Engine.Server.Access;
using Engine.Server.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Tests.Shared;

namespace Engine.Tests.Server;

/// <summary>The file of keys while the engine runs.</summary>
public sealed class KeyRingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_of_keys_in_a_folder_of_others_is_for_its_owner_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var (_, id, hash) = ApiKey.Create();
        var now = TimeProvider.System.GetUtcNow();
        var path = _folder.File("keys.json");
        new KeyFile(path).Add(new StoredKey(id, "shop", hash, ["read"], ["*"], now, null), now);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Theory]
    [InlineData("a pipe")]
    [InlineData("a folder")]
    [InlineData("garbage")]
    [InlineData("the same key twice")]
    public void A_spoiled_file_of_keys_changes_nothing_is_named_and_is_seen_when_it_is_back(string what)
    {
        var path = KeyFile.PathOf(_folder.Path, "");
        var (key, id, hash) = ApiKey.Create();
        var now = TimeProvider.System.GetUtcNow();
        new KeyFile(path).Add(new StoredKey(id, "shop", hash, ["read"], ["*"], now, null), now);
        var options = new ServerOptions { Snapshots = _folder.Path };
        var ring = new KeyRing(options, TimeProvider.System, NullLogger<KeyRing>.Instance);
        Assert.NotNull(ring.Find(key));

        var content = File.ReadAllBytes(path);
        File.Delete(path);
        Spoil(path, what, content);
        ring.Refresh();
        Assert.Contains(path, ring.Problem, StringComparison.Ordinal);
        Assert.NotNull(ring.Find(key));
        Assert.Throws<InputException>(() => new KeyFile(path).Read());

        if (Directory.Exists(path))
        {
            Directory.Delete(path);
        }

        File.Delete(path);
        File.WriteAllBytes(path, content);
        ring.Refresh();
        Assert.Null(ring.Problem);
        Assert.NotNull(ring.Find(key));
    }

    [Theory]
    [InlineData("a folder")]
    [InlineData("garbage")]
    public void First_keys_that_cannot_be_read_let_nobody_in_until_they_can(string what)
    {
        var path = KeyFile.PathOf(_folder.Path, "");
        var ring = new KeyRing(
            new ServerOptions { Snapshots = _folder.Path }, TimeProvider.System, NullLogger<KeyRing>.Instance);
        ring.Refresh();
        Assert.False(ring.IsOn);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Spoil(path, what, []);
        ring.Refresh();
        Assert.True(ring.IsOn);
        Assert.Contains(path, ring.Problem, StringComparison.Ordinal);

        if (Directory.Exists(path))
        {
            Directory.Delete(path);
        }

        File.Delete(path);
        var (key, id, hash) = ApiKey.Create();
        var now = TimeProvider.System.GetUtcNow();
        new KeyFile(path).Add(new StoredKey(id, "shop", hash, ["read"], ["*"], now, null), now);
        ring.Refresh();
        Assert.NotNull(ring.Find(key));
        Assert.Null(ring.Problem);
    }

    private static void Spoil(string path, string what, byte[] content)
    {
        if (what == "a folder")
        {
            Directory.CreateDirectory(path);
        }
        else if (what == "garbage")
        {
            File.WriteAllText(path, "{ garbage");
        }
        else if (what == "the same key twice")
        {
            var file = JsonNode.Parse(content)!;
            file["keys"]!.AsArray().Add(file["keys"]![0]!.DeepClone());
            File.WriteAllText(path, file.ToJsonString());
        }
        else
        {
            using var make = Process.Start("mkfifo", [path]);
            make.WaitForExit();
        }
    }
}
