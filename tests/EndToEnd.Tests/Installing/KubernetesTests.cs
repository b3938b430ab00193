using Engine.Server.Configuration;
using Tests.Shared;
using YamlDotNet.RepresentationModel;

namespace EndToEnd.Tests.Installing;

/// <summary>The manifests fit together and fit the programs: their settings are valid, and their jobs run.</summary>
public sealed class KubernetesTests : IDisposable
{
    private const string State = "/var/lib/engine";

    private static readonly YamlMappingNode[] Engine = Manifests.Read("engine.yaml");
    private static readonly YamlMappingNode[] Jobs = Manifests.Read("jobs.yaml");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_engine_is_probed_where_it_answers_and_has_time_to_stop()
    {
        Assert.Equal(
            ["ConfigMap", "Service", "StatefulSet", "PersistentVolumeClaim"], Engine.Select(one => one.Text("kind")));
        var pod = One("StatefulSet").At("spec/template/spec")!;
        var container = Assert.Single(pod.List("containers"));
        Assert.Equal(
            ["/startupz", "/livez", "/readyz"],
            new[] { "startupProbe", "livenessProbe", "readinessProbe" }.Select(
                probe => container.Text($"{probe}/httpGet/path")));
        var ports = container.List("ports").ToDictionary(port => port.Text("name"), port => port.Text("containerPort"));
        Assert.Equal(ports.Keys, One("Service").List("spec/ports").Select(port => port.Text("targetPort")));
        Assert.All(
            new[] { "startupProbe", "livenessProbe", "readinessProbe" },
            probe => Assert.Equal("http", container.Text($"{probe}/httpGet/port")));

        // The labels by which service and set find the pods.
        var labels = One("StatefulSet").At("spec/template/metadata/labels");
        Assert.Equal(labels, One("StatefulSet").At("spec/selector/matchLabels"));
        Assert.Equal(labels, One("Service").At("spec/selector"));

        var settings = new ServerConfiguration();
        settings.AddFile(_folder.Write("engine.json", One("ConfigMap").Text("data/engine.json")));
        Assert.Empty(settings.Problems);
        settings.Options.Validate();
        Assert.Equal(
            ports.Values.Order(),
            ListenAddress.Parse(settings.Options.Urls).Select(address => $"{address.EndPoint.Port}").Order());
        Assert.True(
            int.Parse(pod.Text("terminationGracePeriodSeconds"))
            > settings.Options.DrainSeconds + settings.Options.StopSeconds);
    }

    [Fact]
    public void Extracts_lie_where_the_engine_measures_lift_on_them()
    {
        var pod = new ServerConfiguration();
        pod.AddFile(_folder.Write("engine.json", One("ConfigMap").Text("data/engine.json")));
        var machine = new ServerConfiguration();
        machine.AddFile(ProgramsFolder.Packaging("debian/engine.json"));
        var extract = Containers(PodOf(Jobs.Single(one => Name(one) == "engine-extract"))).Single().List("args");
        var unit = File.ReadAllText(ProgramsFolder.Packaging("systemd/engine-extract.service"));
        Assert.StartsWith($"{pod.Options.Datasets}/", extract.Last().ToString(), StringComparison.Ordinal);
        Assert.Contains($"--out {machine.Options.Datasets}/", unit, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_volume_claim_and_mount_is_defined_and_no_container_has_rights_that_it_does_not_need()
    {
        var claims = Engine.Where(one => one.Text("kind") == "PersistentVolumeClaim").Select(Name).ToArray();
        foreach (var pod in Jobs.Select(PodOf).Append(One("StatefulSet").At("spec/template/spec")!))
        {
            var volumes = pod.List("volumes").Select(volume => volume.Text("name")).ToArray();
            Assert.All(
                pod.List("volumes").Where(volume => volume.At("persistentVolumeClaim") is not null),
                volume => Assert.Contains(volume.Text("persistentVolumeClaim/claimName"), claims));
            Assert.Equal("true", pod.Text("securityContext/runAsNonRoot"));
            foreach (var container in Containers(pod))
            {
                Assert.Subset(
                    volumes.ToHashSet(),
                    container.List("volumeMounts").Select(mount => mount.Text("name")).ToHashSet());
                Assert.Equal("false", container.Text("securityContext/allowPrivilegeEscalation"));
                Assert.Equal("true", container.Text("securityContext/readOnlyRootFilesystem"));
            }
        }
    }

    [Fact]
    public async Task The_jobs_run_one_after_the_other_and_again_and_the_timers_run_the_same_commands()
    {
        await Succeed("Trainer", "generate", "--size", "tiny", "--out", _folder.File("datasets"));
        Directory.CreateDirectory(_folder.File("backups"));

        // An extract needs a database, and a rollback two snapshots.
        string[] order =
            ["engine-train", "engine-update", "engine-tasks", "engine-backup", "engine-activate", "engine-tasks"];
        Assert.Equal(Jobs.Select(Name).Except(["engine-extract"]).Order(), order.Distinct().Order());
        var commands = new List<string>();
        foreach (var job in order)
        {
            foreach (var container in Containers(PodOf(Jobs.Single(one => Name(one) == job))))
            {
                string[] arguments = [.. container.List("args").Select(argument => ((YamlScalarNode)argument).Value!)];
                var program = Assert.Single(container.List("command")).ToString();
                commands.Add($"/usr/bin/{program} {string.Join(' ', arguments)}");
                await Succeed(
                    program == "engine" ? "Engine.Server" : "Trainer",
                    [.. arguments.Select(argument => argument.Replace(State, _folder.Path, StringComparison.Ordinal))]);
            }
        }

        Assert.True(File.Exists(_folder.File("out/weekly.parquet")));
        var timed = Directory.GetFiles(ProgramsFolder.Packaging("systemd"), "engine-*.service")
            .Where(file => !file.EndsWith("engine-extract.service", StringComparison.Ordinal))
            .SelectMany(File.ReadLines).Where(line => line.StartsWith("ExecStart=", StringComparison.Ordinal))
            .Select(line => line["ExecStart=".Length..]).ToArray();
        Assert.Equal(5, timed.Length);
        Assert.Subset(commands.ToHashSet(), timed.ToHashSet());
    }

    private static async Task Succeed(string program, params string[] arguments)
    {
        var run = await ProgramOutput.Of("dotnet", [ProgramOutput.Built(program), .. arguments]);
        Assert.True(run.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {run.Output}{run.Error}");
    }

    private static YamlMappingNode One(string kind) => Engine.Single(one => one.Text("kind") == kind);

    private static string Name(YamlMappingNode one) => one.Text("metadata/name");

    private static YamlNode PodOf(YamlMappingNode job) => job.At("spec/jobTemplate/spec/template/spec")!;

    private static IEnumerable<YamlNode> Containers(YamlNode pod) =>
        pod.List("initContainers").Concat(pod.List("containers"));
}
