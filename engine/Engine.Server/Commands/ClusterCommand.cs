using System.CommandLine;
using Engine.Cluster.Configuration;
using Engine.Cluster.Database;
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
        var file = File();
        var command = new Command("init", "Make the cluster's tables, where they are missing.") { file };
        command.SetAction(parsed =>
        {
            using var database = new ClusterDatabase(ClusterFile.Read(parsed.GetRequiredValue(file)));
            Console.WriteLine(ClusterSchema.Ensure(database)
                ? $"made the tables of the cluster in {database.Place}"
                : $"the tables of the cluster are in {database.Place} already");
        });
        return command;
    }

    private static Command Status()
    {
        var file = File();
        var command = new Command("status", "Print the nodes and the snapshots that the database knows.") { file };
        command.SetAction(parsed =>
        {
            var settings = ClusterFile.Read(parsed.GetRequiredValue(file));
            using var database = new ClusterDatabase(settings);
            var table = Screen.Table("node", "address", "state", "since");
            foreach (var node in ClusterStatus.Nodes(database, settings.Cluster))
            {
                table.AddRow(node.Name, node.Address, node.State, $"{node.Since:yyyy-MM-dd HH:mm:ss} UTC");
            }

            Screen.Create().Write(table);
            var snapshots = Screen.Table("workspace", "served", "offered", "node", "verified and warm", "or why not");
            foreach (var one in ClusterStatus.Snapshots(database, settings.Cluster))
            {
                snapshots.AddRow(
                    one.Workspace,
                    one.Served,
                    one.Offered,
                    one.Node,
                    one.Problem.Length == 0 ? one.Snapshot : "",
                    Screen.Text(one.Problem));
            }

            Screen.Create().Write(snapshots);
        });
        return command;
    }

    private static Command Forget()
    {
        var file = File();
        var workspace = new Argument<string>("workspace") { Description = "The workspace that no node serves." };
        var command = new Command("forget", "Take a workspace out of the cluster's database.") { workspace, file };
        command.SetAction(parsed =>
        {
            var settings = ClusterFile.Read(parsed.GetRequiredValue(file));
            var name = parsed.GetRequiredValue(workspace);
            using var database = new ClusterDatabase(settings);
            Console.WriteLine(ForgottenWorkspace.Forget(database, settings.Cluster, name)
                ? $"cluster {settings.Cluster} no longer knows workspace {name}"
                : $"cluster {settings.Cluster} does not know workspace {name}; nothing was changed");
        });
        return command;
    }

    private static Option<string> File() => new("--cluster") { Description = "cluster.json.", Required = true };
}
