using Engine.Cluster.Configuration;
using Engine.Server.Configuration;
using Engine.Tables.Sql;
using Tests.Shared;
using YamlDotNet.RepresentationModel;

namespace EndToEnd.Tests.Installing;

/// <summary>The manifests of a fleet fit together and fit the programs.</summary>
public sealed class FleetManifestTests : IDisposable
{
    private static readonly YamlMappingNode[] Fleet = Manifests.Read("fleet.yaml");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Pods_join_by_their_own_name_and_address_and_reach_each_other()
    {
        var set = One("StatefulSet");
        var pod = set.At("spec/template/spec")!;
        var container = Assert.Single(pod.List("containers"));
        var environment = container.List("env").ToDictionary(one => one.Text("name"));
        Assert.Equal("metadata.name", environment["POD_NAME"].Text("valueFrom/fieldRef/fieldPath"));
        Assert.Equal("status.podIP", environment["POD_IP"].Text("valueFrom/fieldRef/fieldPath"));

        var settings = new ServerConfiguration();
        settings.AddFile(Written("engine.json"));
        Assert.Empty(settings.Problems);
        settings.Options.Validate();
        Written("database.json");
        var (name, address) = (Environment.GetEnvironmentVariable("POD_NAME"), Environment.GetEnvironmentVariable("POD_IP"));
        Environment.SetEnvironmentVariable("POD_NAME", "engine-0");
        Environment.SetEnvironmentVariable("POD_IP", "10.0.0.7");
        ClusterSettings cluster;
        try
        {
            cluster = ClusterFile.Read(Written("cluster.json"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("POD_NAME", name);
            Environment.SetEnvironmentVariable("POD_IP", address);
        }

        Assert.Equal(("engine-0", "10.0.0.7"), (cluster.Node, cluster.Address));
        Assert.Equal(settings.Options.Cluster, $"/etc/engine/{Path.GetFileName(_folder.File("cluster.json"))}");
        Assert.Contains(environment.Keys, key => File.ReadAllText(cluster.Database).Contains(
            $"\"password_env\": \"{key}\"", StringComparison.Ordinal));
        Assert.Equal(SourceKind.Mysql, DataSourceFile.Read(cluster.Database).Kind);

        // Every port of the programs is one of the container, and the policy names no other.
        var ports = container.List("ports").ToDictionary(one => one.Text("name"), one => int.Parse(one.Text("containerPort")));
        int[] expected =
        [
            .. ListenAddress.Parse(settings.Options.Urls).Select(one => one.EndPoint.Port),
            cluster.SiloPort,
            cluster.PeerPort,
        ];
        Assert.Equal(expected.Order(), ports.Values.Order());
        var allowed = One("NetworkPolicy").List("spec/ingress").SelectMany(rule => rule.List("ports"));
        Assert.Equal(ports.Keys.Order(), allowed.Select(one => one.Text("port")).Order());
        Assert.True(
            int.Parse(pod.Text("terminationGracePeriodSeconds"))
            > settings.Options.DrainSeconds + settings.Options.StopSeconds);

        // A quorum stays when one pod is moved.
        Assert.Equal("3", set.Text("spec/replicas"));
        Assert.Equal("1", One("PodDisruptionBudget").Text("spec/maxUnavailable"));
        var labels = set.At("spec/template/metadata/labels");
        Assert.All(
            new[] { One("Service").At("spec/selector"), One("PodDisruptionBudget").At("spec/selector/matchLabels"),
                One("NetworkPolicy").At("spec/podSelector/matchLabels"), set.At("spec/selector/matchLabels") },
            selector => Assert.Equal(labels, selector));
    }

    [Fact]
    public void Each_pod_has_a_volume_of_its_own_and_all_have_the_shared_one()
    {
        var set = One("StatefulSet");
        var pod = set.At("spec/template/spec")!;
        var own = set.List("spec/volumeClaimTemplates").Select(claim => claim.Text("metadata/name")).ToArray();
        var volumes = pod.List("volumes").Select(volume => volume.Text("name")).Concat(own);
        var mounts = Assert.Single(pod.List("containers")).List("volumeMounts")
            .ToDictionary(mount => mount.Text("name"), mount => mount.Text("mountPath"));
        Assert.Equal(volumes.Order(), mounts.Keys.Order());
        Assert.Equal("state", Assert.Single(own));
        var shared = pod.List("volumes").Single(volume => volume.At("persistentVolumeClaim") is not null);
        Assert.Equal(One("PersistentVolumeClaim").Text("metadata/name"), shared.Text("persistentVolumeClaim/claimName"));
        Assert.Equal("ReadWriteMany", Assert.Single(One("PersistentVolumeClaim").List("spec/accessModes")).ToString());
        var config = One("ConfigMap");
        Assert.Contains($"\"shared\": \"{mounts[shared.Text("name")]}/", config.Text("data/cluster.json"), StringComparison.Ordinal);
        Assert.Contains($"\"snapshots\": \"{mounts["state"]}/", config.Text("data/engine.json"), StringComparison.Ordinal);
    }

    private static YamlMappingNode One(string kind) => Fleet.Single(one => one.Text("kind") == kind);

    private string Written(string name) => _folder.Write(name, One("ConfigMap").Text($"data/{name}"));
}
