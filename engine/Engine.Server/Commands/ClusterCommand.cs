using System.CommandLine;
using Engine.Cluster.Configuration;
using Engine.Cluster.Database;
using Engine.Snapshots;
using Spectre.Console;

namespace Engine.Server.Commands;

/// <summary>cluster: the tables and the nodes of a cluster.</summary>
internal static class ClusterCommand
{
    /// <summary>The verb with its actions.</summary>
    public static Command Create() => new("cluster", "The tables and the nodes of a cluster.")
    {
        Init(),
        Status(),
        Forget(),
    };

    private static Command Init()
    {
        var (file, json) = (File(), JsonOutput.Option());
        var command = new Command("init", "Make the cluster's tables, where they are missing.") { file, json };
        command.SetAction(parsed =>
        {
            using var database = new ClusterDatabase(ClusterFile.Read(parsed.GetRequiredValue(file)));
            var made = ClusterSchema.Ensure(database);
            Console.WriteLine(
                parsed.GetValue(json) ? JsonText.Of(new { database.Place, Made = made })
                : made ? $"made the tables of the cluster in {database.Place}"
                : $"the tables of the cluster are in {database.Place} already");
        });
        return command;
    }

    private static Command Status()
    {
        var (file, json) = (File(), JsonOutput.Option());
        var command = new Command("status", "Print the nodes and the snapshots that the database knows.")
        {
            file, json,
        };
        command.SetAction(parsed =>
        {
            var settings = ClusterFile.Read(parsed.GetRequiredValue(file));
            using var database = new ClusterDatabase(settings);
            var nodes = ClusterStatus.Nodes(database, settings.Cluster);
            var snapshots = ClusterStatus.Snapshots(database, settings.Cluster);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonText.Of(new { Nodes = nodes, Snapshots = snapshots }));
            }
            else
            {
                Print(nodes, snapshots);
            }
        });
        return command;
    }

    private static void Print(IEnumerable<NodeStatus> nodes, IEnumerable<SnapshotStatus> snapshots)
    {
        var table = Screen.Table("node", "address", "state", "since");
        foreach (var node in nodes)
        {
            table.AddRow(node.Name, node.Address, node.State, $"{node.Since:yyyy-MM-dd HH:mm:ss} UTC");
        }

        Screen.Create().Write(table);
        table = Screen.Table("workspace", "served", "offered", "node", "verified and warm", "or why not");
        foreach (var one in snapshots)
        {
            table.AddRow(
                one.Workspace,
                one.Served,
                one.Offered,
                one.Node,
                one.Problem.Length == 0 ? one.Snapshot : "",
                Screen.Text(one.Problem));
        }

        Screen.Create().Write(table);
    }

    private static Command Forget()
    {
        var (file, json) = (File(), JsonOutput.Option());
        var workspace = new Argument<string>("workspace") { Description = "The workspace that no node serves." };
        var command = new Command("forget", "Take a workspace out of the cluster's database.")
        {
            workspace, file, json,
        };
        command.SetAction(parsed =>
        {
            var settings = ClusterFile.Read(parsed.GetRequiredValue(file));
            var name = parsed.GetRequiredValue(workspace);
            using var database = new ClusterDatabase(settings);
            var forgotten = ForgottenWorkspace.Forget(database, settings.Cluster, name);
            Console.WriteLine(
                parsed.GetValue(json) ? JsonText.Of(new { Workspace = name, Forgotten = forgotten })
                : forgotten ? $"cluster {settings.Cluster} no longer knows workspace {name}"
                : $"cluster {settings.Cluster} does not know workspace {name}; nothing was changed");
        });
        return command;
    }

    private static Option<string> File() => new("--cluster") { Description = "cluster.json.", Required = true };
}
