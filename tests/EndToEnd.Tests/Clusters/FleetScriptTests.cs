using EndToEnd.Tests.Adb;
using Tests.Shared;

namespace EndToEnd.Tests.Clusters;

/// <summary>The example of three nodes in network namespaces, with every cut.</summary>
public sealed class FleetScriptTests
{
    [NamespaceFact]
    public async Task Three_nodes_survive_a_kill_and_every_cut()
    {
        using var folder = new TemporaryFolder();
        var run = await ProgramOutput.Of(
            Path.Combine(TestData.Root, "engine", "Packaging", "fleet.sh"), folder.File("fleet"));
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.DoesNotContain("FAILED", run.Output, StringComparison.Ordinal);
        Assert.Contains("after healing node 2 serves", run.Output, StringComparison.Ordinal);
    }

    /// <summary>Skips where no network namespace can be made, or MariaDB is not installed.</summary>
    private sealed class NamespaceFactAttribute : FactAttribute
    {
        private static readonly string? Reason = Try();

        public NamespaceFactAttribute() => Skip = Reason;

        private static string? Try()
        {
            if (MariaDbServer.Program is null)
            {
                return "mariadb-server is not installed";
            }

            try
            {
                var made = ProgramOutput.Of(
                    "unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--mount-proc",
                    "sh", "-c", "mount -t tmpfs none /run && ip netns add try && ip link add try type bridge")
                    .GetAwaiter().GetResult();
                return made.ExitCode == 0 ? null : $"no network namespaces here: {made.Error.Trim()}";
            }
            catch (System.ComponentModel.Win32Exception e)
            {
                return $"no network namespaces here: {e.Message}";
            }
        }
    }
}
