import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** What programs do with PgJDBC. Prints a line for each; the test compares them. */
public class Jdbc {
  static int count(ResultSet rows) throws SQLException {
    int count = 0;
    while (rows.next()) count++;
    return count;
  }

  public static void main(String[] arguments) throws Exception {
    String url = "jdbc:postgresql://127.0.0.1:" + arguments[0] + "/defaultdb";
    long id = Long.parseLong(arguments[1]);
    try (Connection connection = DriverManager.getConnection(url, "root", "none")) {
      DatabaseMetaData about = connection.getMetaData();
      System.out.println("tables " + count(about.getTables(null, null, "%", null)));
      System.out.println("columns " + count(about.getColumns(null, null, "jobs", "%")));
      System.out.println("keys " + count(about.getImportedKeys(null, null, "jobs")));
      System.out.println("schemas " + count(about.getSchemas()));

      // From the fifth time on, the driver uses a named statement and binary values.
      String sql = "SELECT job_id, created, fraction_completed FROM [SHOW JOBS] WHERE user_name = ? AND job_id = ANY(?)";
      PreparedStatement prepared = connection.prepareStatement(sql);
      int found = 0;
      for (int n = 0; n < 7; n++) {
        prepared.setString(1, "root");
        prepared.setArray(2, connection.createArrayOf("bigint", new Long[] {id, 5L}));
        ResultSet rows = prepared.executeQuery();
        while (rows.next()) if (rows.getLong(1) == id && rows.getTimestamp(2) != null) found++;
      }
      System.out.println("prepared " + found);

      connection.setAutoCommit(false);
      Statement inParts = connection.createStatement();
      inParts.setFetchSize(1);
      System.out.println("fetched " + count(inParts.executeQuery("SELECT job_id FROM [SHOW JOBS]")));
      connection.commit();
      connection.setAutoCommit(true);

      Statement waiting = connection.createStatement();
      waiting.setQueryTimeout(1);
      try {
        waiting.executeQuery("SHOW JOB WHEN COMPLETE " + id);
      } catch (SQLException error) {
        System.out.println("canceled " + error.getSQLState());
      }

      PreparedStatement pause = connection.prepareStatement("PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE job_id = ?)");
      pause.setLong(1, id);
      pause.executeUpdate();
      System.out.println("valid " + connection.isValid(5));
    }
  }
}
